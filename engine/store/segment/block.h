#pragma once

#include "engine/base/result.h"
#include "engine/store/stored_message.h"

#include <cstdint>
#include <string>

namespace signalbox::store {

/// A record in a block: 32 bytes, the subject, the headers, the payload, and eight of checksum.
constexpr std::size_t kRecordOverhead = 40;

/// The checksum of a message in its stream, the same on all replicas.
std::uint64_t message_checksum(StoredMessage const& message, std::uint64_t stream);

/// Adds the message to a block and answers the record's size.
std::size_t append_record(std::string& block, StoredMessage const& message, std::uint64_t stream);

/// The message of the record at `offset`; views into the block. Errors: Corrupt.
Result<StoredMessage> read_record(Bytes block, std::size_t offset);

/// The record's size as it says itself. Errors: Corrupt.
Result<std::size_t> record_size(Bytes block, std::size_t offset);

/// Zeros in place of the headers and the payload of the record at `offset`, which must be one.
void wipe_record(std::string& block, std::size_t offset);

constexpr std::size_t kBlockHeaderSize = 64;

/// Which block of all it is: goes into its checksums, so that one at a wrong place fails.
struct BlockPlace {
    std::uint64_t stream = 0;
    std::uint64_t segment = 0;
    std::uint32_t number = 0;
};

struct BlockHeader {
    std::uint16_t flags = 0;
    std::uint32_t number = 0;
    std::uint32_t stored = 0;  ///< Bytes behind the header.
    std::uint32_t raw = 0;     ///< Once they are opened.
    std::uint32_t rows = 0;
    Sequence first = 0;
    std::uint64_t raw_checksum = 0;
    std::uint64_t stored_checksum = 0;
    std::uint64_t nonce = 0;
};

/// Header and contents as they are in the file.
std::string seal_block(Bytes raw, BlockPlace const& place, std::uint32_t rows, Sequence first);

/// Errors: Corrupt.
Result<BlockHeader> read_block_header(Bytes stored, BlockPlace const& place);

/// The records of a block, of its header and what follows. Errors: Corrupt.
Result<std::string> open_block(Bytes stored, BlockPlace const& place);

}  // namespace signalbox::store
