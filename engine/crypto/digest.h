#pragma once

#include "engine/base/bytes.h"

#include <memory>
#include <string>

namespace signalbox::crypto {

/// The 32 bytes of SHA-256 (FIPS 180-4).
std::string sha256(Bytes bytes);

/// SHA-256 of what comes piece by piece.
class Sha256 {
public:
    Sha256();
    ~Sha256();

    Sha256(Sha256 const&) = delete;
    Sha256& operator=(Sha256 const&) = delete;

    void add(Bytes bytes);
    /// The 32 bytes, once: nothing may be added after.
    std::string finish();

private:
    class State;
    std::unique_ptr<State> state_;
};

/// The 20 bytes of SHA-1: for protocols that demand it, never where a collision would matter.
std::string sha1(Bytes bytes);

}  // namespace signalbox::crypto
