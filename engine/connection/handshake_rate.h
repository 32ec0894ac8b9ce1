#pragma once

#include "engine/base/time.h"

#include <cstdint>

namespace signalbox::connection {

/// Counts the TLS handshakes that begin within a second.
class HandshakeRate {
public:
    /// Whether one more may begin; `limit` in a second, 0: any number.
    bool allow(Instant now, std::int64_t limit) {
        if (now - since_ >= base::seconds(1)) {
            since_ = now;
            count_ = 0;
        }
        return limit <= 0 || ++count_ <= limit;
    }

private:
    Instant since_;
    std::int64_t count_ = 0;
};

}  // namespace signalbox::connection
