#include "engine/claims/credentials_file.h"

#include "engine/base/text.h"
#include "engine/crypto/key_pair.h"

#include <vector>

namespace signalbox::claims {
namespace {

bool is_decoration(std::string_view line) {
    return base::trim(line).starts_with("---");
}

/// What stands between lines of dashes, in order. Whoever wrote `-----BEGIN` closed with as many
/// dashes or, by habit of the field, with one more: only the three are asked for.
std::vector<std::string_view> sections(std::string_view text) {
    std::vector<std::string_view> found;
    bool inside = false;
    std::string_view content;
    for (std::string_view const line : base::split(text, '\n')) {
        if (is_decoration(line)) {
            if (inside) {
                found.push_back(content);
            }
            inside = !inside;
            content = {};
        } else if (inside && content.empty()) {
            content = base::trim(line);
        }
    }
    return found;
}

}  // namespace

std::string_view undecorated(std::string_view text) {
    std::vector<std::string_view> const found = sections(text);
    return found.empty() ? base::trim(text) : found.front();
}

Result<CredentialsFile> parse_credentials(std::string_view text) {
    std::vector<std::string_view> const found = sections(text);
    if (found.empty() || found.front().empty()) {
        return Error(Errc::Malformed, "credentials without a JWT");
    }
    CredentialsFile credentials;
    credentials.jwt = crypto::Secret(std::string(found.front()));
    if (found.size() > 1) {
        TRY(crypto::KeyPair::from_seed(found[1]));
        credentials.seed = crypto::Secret(std::string(found[1]));
    }
    return credentials;
}

crypto::Secret format_credentials(CredentialsFile const& credentials) {
    std::string text = concat("-----BEGIN NATS USER JWT-----\n", credentials.jwt.reveal(),
                              "\n------END NATS USER JWT------\n");
    if (!credentials.seed.empty()) {
        append(text, "\n-----BEGIN USER NKEY SEED-----\n", credentials.seed.reveal(),
               "\n------END USER NKEY SEED------\n");
    }
    return crypto::Secret(std::move(text));
}

}  // namespace signalbox::claims
