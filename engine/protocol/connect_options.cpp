#include "engine/protocol/connect_options.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <utility>

namespace signalbox::protocol {
namespace {

Error wrong_type(std::string_view name) {
    return {Errc::Malformed, concat("CONNECT field ", name, " has another type")};
}

/// The member unless it is absent or null.
Json const* present(Json const& json, std::string_view name) {
    Json const* const member = json.find(name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

Result<void> read(Json const& json, std::string_view name, bool& into) {
    if (Json const* const member = present(json, name)) {
        if (member->as_bool() == nullptr) {
            return wrong_type(name);
        }
        into = *member->as_bool();
    }
    return {};
}

Result<void> read(Json const& json, std::string_view name, std::string& into) {
    if (Json const* const member = present(json, name)) {
        if (member->as_text() == nullptr) {
            return wrong_type(name);
        }
        into = *member->as_text();
    }
    return {};
}

Result<void> read(Json const& json, std::string_view name, crypto::Secret& into) {
    std::string text(into.reveal());
    TRY(read(json, name, text));
    into = crypto::Secret(std::move(text));
    return {};
}

Result<void> read(Json const& json, std::string_view name, std::int64_t& into) {
    if (Json const* const member = present(json, name)) {
        auto const number = member->as_int();
        if (!number) {
            return wrong_type(name);
        }
        into = *number;
    }
    return {};
}

}  // namespace

Result<void> ConnectOptions::merge(std::string_view json_text) {
    Json const json = TRY(Json::parse(json_text));
    // As with each field, null leaves everything as it is.
    if (json.is_null()) {
        return {};
    }
    if (json.as_object() == nullptr) {
        return Error(Errc::Malformed, "CONNECT without a JSON object");
    }
    ConnectOptions merged = *this;
    TRY(read(json, "echo", merged.echo));
    TRY(read(json, "verbose", merged.verbose));
    TRY(read(json, "pedantic", merged.pedantic));
    TRY(read(json, "headers", merged.headers));
    TRY(read(json, "no_responders", merged.no_responders));
    TRY(read(json, "tls_required", merged.tls_required));
    TRY(read(json, "protocol", merged.protocol));
    TRY(read(json, "name", merged.name));
    TRY(read(json, "lang", merged.lang));
    TRY(read(json, "version", merged.version));
    TRY(read(json, "user", merged.user));
    TRY(read(json, "pass", merged.password));
    TRY(read(json, "auth_token", merged.token));
    TRY(read(json, "nkey", merged.nkey));
    TRY(read(json, "jwt", merged.jwt));
    TRY(read(json, "sig", merged.signature));
    TRY(read(json, "proxy_sig", merged.proxy_signature));
    TRY(read(json, "account", merged.account));
    TRY(read(json, "new_account", merged.new_account));
    *this = std::move(merged);
    return {};
}

}  // namespace signalbox::protocol
