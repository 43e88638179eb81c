# SPDX-License-Identifier: GPL-2.0
# See rules.mk. A package has its files below DEST, and says what it is in DEST/NAME.control.

wants = $(foreach w,$(2),$(if $(strip $($(w))),,$(error $(1) has no $(w))))

$(call wants,the recipe,PKG_NAME PKG_VERSION PKG_RELEASE PKG_LICENSE PKG_BUILD_DIR)

all:
prepare:
	$(Build/Prepare)
compile: prepare
	$(Build/Compile)

define BuildPackage
  SECTION :=
  CATEGORY :=
  TITLE :=
  DEPENDS :=
  $(eval $(Package/$(1)))
  $(call wants,Package/$(1),SECTION CATEGORY TITLE DEPENDS)

  define control-$(1)
Package: $(1)
Version: $(PKG_VERSION)-$(PKG_RELEASE)
Depends: $(DEPENDS)
Conffiles: $(Package/$(1)/conffiles)
  endef

  all: install-$(1)
  install-$(1): compile
	$$(call Package/$(1)/install,$(DEST)/$(1))
	$$(file >$(DEST)/$(1).control,$$(control-$(1)))
endef
