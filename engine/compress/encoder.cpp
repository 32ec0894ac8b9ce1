#include "engine/compress/encoder.h"

#include "engine/base/text.h"
#include "engine/compress/gzip.h"
#include "engine/compress/snappy_frames.h"

#include <utility>

namespace signalbox::compress {
namespace {

class Identity final : public Encoder {
public:
    void add(std::string_view bytes) override { out_ += bytes; }
    std::string finish() override { return std::move(out_); }

private:
    std::string out_;
};

}  // namespace

std::string_view text_of(Encoding encoding) {
    switch (encoding) {
        case Encoding::Identity:
            return "identity";
        case Encoding::Snappy:
            return "snappy";
        case Encoding::Gzip:
            return "gzip";
    }
    return "";
}

Encoding accepted_encoding(std::string_view accept) {
    std::string const text = base::to_lower(accept);
    if (text.find("snappy") != std::string::npos || text.find("s2") != std::string::npos) {
        return Encoding::Snappy;
    }
    return text.find("gzip") != std::string::npos ? Encoding::Gzip : Encoding::Identity;
}

std::unique_ptr<Encoder> make_encoder(Encoding encoding) {
    switch (encoding) {
        case Encoding::Snappy:
            return std::make_unique<SnappyFrames>();
        case Encoding::Gzip:
            return std::make_unique<Gzip>();
        case Encoding::Identity:
            break;
    }
    return std::make_unique<Identity>();
}

}  // namespace signalbox::compress
