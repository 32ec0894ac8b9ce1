#include "engine/claims/operator_claims.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/claims/fields.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace signalbox::claims {
namespace {

using VersionNumbers = std::array<std::uint64_t, 3>;

Result<VersionNumbers> numbers_of(std::string_view version) {
    // What follows a dash or plus is of no account here.
    std::string_view const core = version.substr(0, version.find_first_of("-+"));
    std::vector<std::string_view> const parts = base::split(core, '.');
    VersionNumbers numbers{};
    if (parts.size() != numbers.size()) {
        return Error(Errc::Malformed, "a version that is not three numbers");
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto const number = base::parse_uint(parts[i]);
        if (!number) {
            return Error(Errc::Malformed, "a version that is not three numbers");
        }
        numbers[i] = *number;
    }
    return numbers;
}

}  // namespace

bool OperatorClaims::signs_with(std::string_view key) const {
    if (!strict_signing_keys && token.subject == key) {
        return true;
    }
    return std::ranges::find(signing_keys, key) != signing_keys.end();
}

Result<OperatorClaims> decode_operator(std::string_view text) {
    OperatorClaims claims;
    claims.token = TRY(decode(text, ClaimKind::Operator));
    Fields fields(claims.token.body.is_null() ? nullptr : &claims.token.body);
    fields.read("signing_keys", claims.signing_keys);
    fields.read("account_server_url", claims.account_server_url);
    fields.read("operator_service_urls", claims.service_urls);
    fields.read("system_account", claims.system_account);
    fields.read("assert_server_version", claims.assert_server_version);
    fields.read("strict_signing_key_usage", claims.strict_signing_keys);
    TRY(fields.outcome());
    for (std::string const& key : claims.signing_keys) {
        if (!crypto::is_public_nkey(key, crypto::NkeyKind::Operator)) {
            return Error(Errc::Malformed, "a signing key that is no operator key");
        }
    }
    if (!claims.system_account.empty() &&
        !crypto::is_public_nkey(claims.system_account, crypto::NkeyKind::Account)) {
        return Error(Errc::Malformed, "a system account that is no account key");
    }
    return claims;
}

Result<bool> is_new_enough(OperatorClaims const& claims, std::string_view version) {
    if (claims.assert_server_version.empty()) {
        return true;
    }
    VersionNumbers const wanted = TRY(numbers_of(claims.assert_server_version));
    VersionNumbers const ours = TRY(numbers_of(version));
    return ours >= wanted;
}

Result<GenericClaims> decode_generic(std::string_view text) {
    GenericClaims claims;
    claims.token = TRY(decode(text, ClaimKind::Generic));
    Fields fields(claims.token.body.is_null() ? nullptr : &claims.token.body);
    fields.read("accounts", claims.accounts);
    TRY(fields.outcome());
    return claims;
}

}  // namespace signalbox::claims
