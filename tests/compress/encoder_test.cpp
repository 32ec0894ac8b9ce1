#include "engine/compress/encoder.h"

#include "engine/compress/snappy_frames.h"

#include "tests/support/run_tests.h"

#include <snappy.h>
#include <zlib.h>

namespace signalbox::compress {
namespace {

std::string encoded(Encoding encoding, std::string_view text, std::size_t piece) {
    auto const encoder = make_encoder(encoding);
    while (!text.empty()) {
        encoder->add(text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
    }
    return encoder->finish();
}

std::size_t little_endian(std::string_view bytes) {
    std::size_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = value * 256 + static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

/// What a reader of the framing format makes of it; the word BROKEN where it is none.
std::string read_frames(std::string_view in) {
    std::string out;
    if (!in.starts_with(std::string_view("\xff\x06\x00\x00sNaPpY", 10))) {
        return "BROKEN";
    }
    in.remove_prefix(10);
    while (!in.empty()) {
        char const kind = in[0];
        std::size_t const size = little_endian(in.substr(1, 3));
        std::string_view const content = in.substr(8, size - 4);
        std::string piece(content);
        if (kind == 0 && !snappy::Uncompress(content.data(), content.size(), &piece)) {
            return "BROKEN";
        }
        std::uint32_t const crc = crc32c(piece);
        std::uint32_t const masked = ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
        if (piece.size() > 65'536 || little_endian(in.substr(4, 4)) != masked) {
            return "BROKEN";
        }
        out += piece;
        in.remove_prefix(4 + size);
    }
    return out;
}

std::string read_gzip(std::string const& in, std::size_t size) {
    z_stream state{};
    ::inflateInit2(&state, 15 + 16);
    std::string out(size + 1, '\0');
    std::string input = in;
    state.next_in = reinterpret_cast<Bytef*>(input.data());
    state.avail_in = static_cast<uInt>(input.size());
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    int const end = ::inflate(&state, Z_FINISH);
    out.resize(state.total_out);
    ::inflateEnd(&state);
    return end == Z_STREAM_END ? out : "BROKEN";
}

std::string sample(std::size_t size) {
    std::string text;
    std::uint64_t noise = 1;
    while (text.size() < size) {
        noise = noise * 6'364'136'223'846'793'005U + 1;
        text += (noise >> 40U) % 3 == 0 ? std::to_string(noise) : "{\"connections\":[";
    }
    text.resize(size);
    return text;
}

}  // namespace

class EncoderTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_written_in_pieces_is_read_whole() {
        for (std::size_t const size : {0U, 1U, 100U, 65'535U, 65'536U, 65'537U, 300'000U}) {
            std::string const text = sample(size);
            for (std::size_t const piece : {7'000U, 65'536U, 1'000'000U}) {
                QCOMPARE(encoded(Encoding::Identity, text, piece), text);
                QCOMPARE(read_frames(encoded(Encoding::Snappy, text, piece)), text);
                QCOMPARE(read_gzip(encoded(Encoding::Gzip, text, piece), size), text);
            }
        }
    }

    void what_does_not_shrink_is_left_as_it_is() {
        std::string noise;
        std::uint64_t state = 88'172'645'463'325'252U;
        for (int i = 0; i < 4'000; ++i) {
            state ^= state << 13U;
            state ^= state >> 7U;
            state ^= state << 17U;
            noise += static_cast<char>(state >> 32U);
        }
        std::string const out = encoded(Encoding::Snappy, noise, noise.size());
        QCOMPARE(out.size(), 10 + 8 + noise.size());
        QCOMPARE(read_frames(out), noise);
    }

    void the_checksum_is_that_of_the_standard() {
        QCOMPARE(crc32c("123456789"), 0xe3069283U);
        QCOMPARE(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    }

    void what_is_accepted_is_read_from_the_header() {
        QCOMPARE(accepted_encoding("snappy"), Encoding::Snappy);
        QCOMPARE(accepted_encoding("gzip, S2"), Encoding::Snappy);
        QCOMPARE(accepted_encoding("GZip"), Encoding::Gzip);
        QCOMPARE(accepted_encoding("zstd"), Encoding::Identity);
        QCOMPARE(accepted_encoding(""), Encoding::Identity);
    }
};
SIGNALBOX_TEST(EncoderTest);

}  // namespace signalbox::compress

#include "encoder_test.moc"
