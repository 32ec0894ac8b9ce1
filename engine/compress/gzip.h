#pragma once

#include "engine/compress/encoder.h"

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::compress {

/// Deflate with the frame of gzip (RFC 1952).
class Gzip final : public Encoder {
public:
    Gzip();
    ~Gzip() override;

    Gzip(Gzip const&) = delete;
    Gzip& operator=(Gzip const&) = delete;

    void add(std::string_view bytes) override;
    std::string finish() override;

private:
    struct Stream;

    void compress(std::string_view bytes, bool last);

    std::unique_ptr<Stream> stream_;
    std::string out_;
};

}  // namespace signalbox::compress
