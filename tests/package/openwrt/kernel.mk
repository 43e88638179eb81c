# SPDX-License-Identifier: GPL-2.0
# See rules.mk.

KERNEL_MAKE = $(MAKE) -C $(LINUX_DIR)
PKG_BUILD_DIR ?= $(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)

# Probed at boot, by this name
AutoProbe = $(1)

define KernelPackage
  SUBMENU :=
  TITLE :=
  DEPENDS :=
  FILES :=
  AUTOLOAD :=
  $(eval $(call KernelPackage/$(1)))
  $(call wants,KernelPackage/$(1),SUBMENU TITLE DEPENDS FILES AUTOLOAD)

  define Package/kmod-$(1)
    SECTION := kernel
    CATEGORY := Kernel modules
    TITLE := $(TITLE)
    DEPENDS := $(DEPENDS)
  endef

  define Package/kmod-$(1)/install
	$(INSTALL_DIR) $$(1)/lib/modules $$(1)/etc/modules.d
	$(CP) $(FILES) $$(1)/lib/modules/
	echo $(AUTOLOAD) >$$(1)/etc/modules.d/$(1)
  endef

  $$(eval $$(call BuildPackage,kmod-$(1)))
endef
