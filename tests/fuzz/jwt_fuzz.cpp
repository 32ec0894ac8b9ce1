#include "engine/base/check.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/authorization_claims.h"
#include "engine/claims/credentials_file.h"
#include "engine/claims/network.h"
#include "engine/claims/operator_claims.h"
#include "engine/claims/permission_template.h"
#include "engine/claims/time_windows.h"
#include "engine/claims/time_zone.h"
#include "engine/claims/user_claims.h"
#include "engine/claims/validation.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace signalbox;

namespace {

/// The bytes as a payload that is signed rightly, so that what lies behind the signature is
/// reached.
void read_signed(std::string_view payload) {
    crypto::SeedBytes const seed{};
    auto const account = crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::Account, seed);
    for (char const* type : {"user", "account", "activation", "authorization_response"}) {
        std::string const members(payload);
        std::string const subject =
            crypto::KeyPair::from_seed_bytes(
                std::string_view(type) == "user" || std::string_view(type).starts_with("auth")
                    ? crypto::NkeyKind::User
                    : crypto::NkeyKind::Account,
                seed)
                .public_key()
                .text();
        std::string text = "{\"iss\":\"";
        text += account.public_key().text() + "\",\"sub\":\"" + subject;
        text +=
            "\",\"nats\":{\"version\":2,\"type\":\"" + std::string(type) + "\"," + members + "}}";
        std::string const token =
            claims::sign_parts(R"({"typ":"JWT","alg":"ed25519-nkey"})", text, account);
        if (auto const user = claims::decode_user(token); user.ok()) {
            (void)claims::validate(user.value().rights);
            (void)claims::expand(user.value().rights.permissions,
                                 {.name = "n", .tags = user.value().token.tags});
        }
        if (auto const decoded = claims::decode_account(token); decoded.ok()) {
            (void)claims::validate(decoded.value(), WallTime(Duration(1)));
        }
        (void)claims::decode_activation(token);
        (void)claims::decode_authorization_response(token);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    (void)claims::decode_operator(text);
    (void)claims::decode_generic(text);
    (void)claims::parse_credentials(text);
    (void)claims::Network::parse(text);
    (void)claims::time_of_day(text);
    (void)claims::offset_by_rule(text, 1'700'000'000);
    if (auto const zone = claims::TimeZone::parse(text); zone.ok()) {
        (void)zone.value().offset_at(WallTime(Duration(1)));
    }
    auto const token = claims::decode(text);
    CHECK(!token.ok() || token.value().text == text);
    read_signed(text);
    return 0;
}
