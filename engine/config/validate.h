#pragma once

#include "engine/base/result.h"
#include "engine/config/account_options.h"
#include "engine/config/options.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::config {

/// Whether the options go together, at start and at each reload.
///
/// Errors: InvalidArgument, in the reference's words where it has some.
Result<void> validate(Options const& options);

/// Parts of it, beside the keys of their blocks.
Result<void> check_leafnodes(Options const& options);
Result<void> check_gateway(Options const& options);

/// A host, or a host and a port that one can connect to; empty is fine.
bool is_advertisable(std::string const& text);

/// Some password or token stands in the configuration as it is, and not as a hash.
bool has_plaintext_secret(Options const& options);

/// Whether the activation token of an import stands: asked where an export demands one.
using CheckActivation =
    std::function<bool(AccountOptions const& exporter, ExportOptions const& share,
                       std::string_view importer, ImportOptions const& import)>;

/// What the importing account calls it, with `*`, `$1` or `{{wildcard(1)}}` for wildcards.
std::string local_subject(ImportOptions const& import);

/// The export of `exporter` by which the account `importer` may have it; null: there is none. No
/// `check` refuses every token.
ExportOptions const* authorising_export(AccountOptions const& exporter, std::string_view importer,
                                        ImportOptions const& import, CheckActivation const& check);

/// An export or import that cannot be.
struct SharingFault {
    ShareKind kind = ShareKind::Stream;
    bool of_import = true;
    std::string account;    ///< Whose it is.
    std::size_t index = 0;  ///< Among its exports or imports.
    std::string what;       ///< `stream import "a.b"`.
    std::string why;        ///< In the reference's words.
};

/// Looks at all exports and imports together: that the subjects can be, that each import is
/// allowed by an export, and that nothing goes in a circle. Nothing: all is well. An import of an
/// account that is not among `accounts` is passed over.
std::optional<SharingFault> check_sharing(std::span<AccountOptions const> accounts,
                                          CheckActivation const& check);

}  // namespace signalbox::config
