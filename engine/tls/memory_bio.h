#pragma once

#include "engine/base/bytes.h"
#include "engine/tls/handles.h"

#include <string>

namespace signalbox::tls {

/// What a session reads from and writes to instead of a socket.
struct Memory {
    Bytes in;         ///< What came and was not yet read.
    std::string out;  ///< What is to be sent.
};

/// Reads run dry instead of ending, and writes always find room. Each context has its own, for the
/// library keeps a method in memory that changes.
BioMethodPtr make_memory_bio_method();

/// `memory` outlives the session that takes the result over.
BIO* make_memory_bio(BIO_METHOD* method, Memory& memory);

}  // namespace signalbox::tls
