#pragma once

#include "engine/crypto/nkey.h"

#include <array>
#include <optional>

namespace signalbox::crypto {

/// The byte that a key of that kind begins with. Its five high bits become the first letter, so it
/// is the letter's place in the alphabet of base32 shifted by three.
constexpr unsigned char nkey_prefix_of(NkeyKind kind) {
    switch (kind) {
        case NkeyKind::Account:
            return 0 << 3;
        case NkeyKind::Cluster:
            return 2 << 3;
        case NkeyKind::Operator:
            return 14 << 3;
        case NkeyKind::Server:
            return 13 << 3;
        case NkeyKind::User:
            return 20 << 3;
        case NkeyKind::Curve:
            return 23 << 3;
    }
    return 0;
}

/// The kind whose prefix that is.
constexpr std::optional<NkeyKind> nkey_kind_of(unsigned char prefix) {
    constexpr std::array kKinds = {NkeyKind::Account, NkeyKind::Cluster, NkeyKind::Operator,
                                   NkeyKind::Server,  NkeyKind::User,    NkeyKind::Curve};
    for (NkeyKind const kind : kKinds) {
        if (nkey_prefix_of(kind) == prefix) {
            return kind;
        }
    }
    return std::nullopt;
}

}  // namespace signalbox::crypto
