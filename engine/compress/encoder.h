#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::compress {

/// How the bytes of an answer are written.
enum class Encoding {
    Identity,
    Snappy,  ///< The framing format, which S2 readers read as well.
    Gzip,
};

/// Its name in headers.
std::string_view text_of(Encoding encoding);

/// The one that whoever sent this value of `Accept-Encoding` reads: Identity when it names none.
Encoding accepted_encoding(std::string_view accept);

/// Compresses what comes in pieces.
class Encoder {
public:
    virtual ~Encoder() = default;

    virtual void add(std::string_view bytes) = 0;

    /// All of it, compressed. Called once.
    virtual std::string finish() = 0;
};

std::unique_ptr<Encoder> make_encoder(Encoding encoding);

}  // namespace signalbox::compress
