#pragma once

#include "engine/config/tls_options.h"
#include "engine/tls/settings.h"

namespace signalbox::config {

/// What a listener with these options makes its context of.
tls::Settings listening_settings(TlsOptions const& options);

/// The same, for a side that dials.
tls::Settings dialling_settings(TlsOptions const& options);

}  // namespace signalbox::config
