#include "engine/cluster/gateway_name.h"

#include "engine/crypto/digest.h"

namespace signalbox::cluster {
namespace {

constexpr std::size_t kHashLength = 6;
constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string gateway_hash(std::string_view name) {
    auto const digest = crypto::sha256(name);
    std::string hash;
    for (std::size_t i = 0; i < kHashLength; ++i) {
        hash += kDigits[static_cast<unsigned char>(digest[i]) % kDigits.size()];
    }
    return hash;
}

GatewayReply GatewayReply::of(std::string_view subject) {
    std::size_t const cluster = kGatewayReplies.size();
    std::size_t const server = cluster + kHashLength + 1;
    std::size_t const reply = server + kHashLength + 1;
    bool const formed = subject.size() > reply && subject.starts_with(kGatewayReplies) &&
                        subject[server - 1] == '.' && subject[reply - 1] == '.';
    if (!formed) {
        return {};
    }
    return {.cluster = subject.substr(cluster, kHashLength),
            .server = subject.substr(server, kHashLength),
            .reply = subject.substr(reply)};
}

}  // namespace signalbox::cluster
