#include "engine/compress/gzip.h"

#include "engine/base/check.h"

#include <zlib.h>

#include <array>
#include <limits>
#include <utility>

namespace signalbox::compress {
namespace {

constexpr int kLargestWindow = 15;
constexpr int kGzipFrame = 16;  ///< Added to the window, it asks for the frame of gzip.
constexpr int kMemoryLevel = 8;
constexpr std::size_t kPieceBytes = 16'384;

}  // namespace

struct Gzip::Stream {
    z_stream state{};
};

Gzip::Gzip() : stream_(std::make_unique<Stream>()) {
    int const made = deflateInit2(&stream_->state, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                                  kLargestWindow + kGzipFrame, kMemoryLevel, Z_DEFAULT_STRATEGY);
    CHECK(made == Z_OK);  // But for memory, nothing can fail.
}

Gzip::~Gzip() {
    deflateEnd(&stream_->state);
}

void Gzip::add(std::string_view bytes) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    while (bytes.size() > kMost) {
        compress(bytes.substr(0, kMost), false);
        bytes.remove_prefix(kMost);
    }
    compress(bytes, false);
}

std::string Gzip::finish() {
    compress({}, true);
    return std::move(out_);
}

void Gzip::compress(std::string_view bytes, bool last) {
    z_stream& state = stream_->state;
    // The library reads them only, and has no word for that.
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, kPieceBytes> piece{};
    do {
        state.next_out = reinterpret_cast<Bytef*>(piece.data());
        state.avail_out = static_cast<uInt>(piece.size());
        deflate(&state, last ? Z_FINISH : Z_NO_FLUSH);
        out_.append(piece.data(), piece.size() - state.avail_out);
    } while (state.avail_out == 0);
}

}  // namespace signalbox::compress
