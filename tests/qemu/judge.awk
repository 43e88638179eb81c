#!/usr/bin/gawk -f
# SPDX-License-Identifier: GPL-2.0
# Judge a run of the guest by its TAP and its console.
#   -v token=   what the guest has to say at the very end
#   -v want=    the scenarios it was to run, comma-separated
#   -v console= the kernel's console

function fail(why) { print "not ok - " why; failed++ }

/^# flow41 begin / { now = $4; plan = -1; tests = bad = 0; next }

/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; if (plan == 0) skipped++; next }

/^ok .*# SKIP/ { skipped++; tests++; next }
/^ok( |$)/ { passed++; tests++; next }
/^not ok( |$)/ { failed++; bad++; tests++; next }

# The shell goes on after these, and may have left checks out
/^\/tests\/.*: line [0-9]+: .*(error token is|syntax error|unbound variable|command not found)/ {
	fail("the shell stumbled: " $0)
}

/^# flow41 end / {
	if ($5 != 0 && !bad)
		fail($4 ": exit status " $5 ($5 == 124 ? " (timeout)" : ""))
	else if (!bad && plan < 0)
		fail($4 ": no plan")
	else if (!bad && plan != tests)
		fail($4 ": planned " plan ", ran " tests)
	ended[$4]
	now = ""
	next
}

/^# flow41 token / { said = $4 }

END {
	if (now != "")
		fail(now ": the guest died here")
	n = split(want, w, ",")
	for (i = 1; i <= n; i++)
		if (!(w[i] in ended) && w[i] != now)
			fail(w[i] ": did not run")
	trouble = "WARNING:|BUG:|Oops|refcount|unregister_netdevice: waiting|Kernel panic|Call Trace"
	while ((getline line < console) > 0) {
		if (!shown && line ~ trouble) {
			fail("the kernel complained on its console")
			shown = 1
		}
		if (shown && shown++ < 60)
			print "# console: " line
	}
	if (said != token)
		fail("no success token: the guest did not reach its end")
	printf "%d passed, %d failed%s\n", passed, failed,
		skipped ? ", " skipped " skipped" : ""
	exit failed || !passed
}
