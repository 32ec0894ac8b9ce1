#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <array>
#include <cstdint>
#include <string>

namespace signalbox::store {

/// What one journal is known by, at random: a file of another journal is no part of it.
using JournalId = std::array<unsigned char, 16>;

constexpr std::uint64_t kJournalHeaderSize = 4096;
constexpr std::size_t kRecordHeaderSize = 48;
constexpr std::uint16_t kJournalVersion = 1;

/// The first bytes of a journal file, twice.
struct JournalFileHeader {
    JournalId id{};
    std::uint64_t number = 0;          ///< Of the file; the next has one more.
    std::uint64_t size = 0;            ///< That was reserved.
    std::uint64_t previous_chain = 0;  ///< The chain hash at the end of the file before.
    std::uint64_t first_commit = 0;    ///< The number of the file's first commit.
};

std::string encode(JournalFileHeader const& header);

/// Errors: Corrupt (neither copy is whole), Unavailable (of a newer version).
Result<JournalFileHeader> decode_journal_file_header(Bytes file);

enum class RecordKind : std::uint8_t {
    Entry = 1,      ///< Of a stream's log.
    Term = 2,       ///< A group's term and vote.
    Catalogue = 3,  ///< A stream was made, changed or removed.
    Frame = 0xf0,   ///< The end of a commit.
};

struct RecordHeader {
    RecordKind kind = RecordKind::Entry;
    std::uint32_t length = 0;  ///< Of the payload.
    std::uint32_t group = 0;
    std::uint64_t term = 0;
    std::uint64_t index = 0;
    std::uint64_t payload_checksum = 0;
    std::uint64_t commit = 0;
};

/// Follows the records of a commit, and is followed by a copy of their headers.
struct CommitFrame {
    bool all_before_synced = false;  ///< When it was written.
    std::uint32_t records = 0;
    std::uint32_t copies_checksum = 0;
    std::uint64_t commit = 0;
    std::uint64_t bytes = 0;  ///< Of the records before the frame.
    std::uint64_t chain = 0;  ///< Over their headers and the chain before.
    std::uint64_t watermark = 0;

    /// The highest commit that is known to be on stable storage because this frame was written.
    std::uint64_t proves() const { return all_before_synced ? commit - 1 : watermark; }
};

/// The checksums of one file are no good at another place or in another file.
class FileSeed {
public:
    FileSeed(JournalId const& id, std::uint64_t file_number);
    std::uint64_t at(std::uint64_t offset) const { return base_ + offset * 0x9e3779b97f4a7c15U; }

private:
    std::uint64_t base_;
};

/// `seed` is that of the header's place.
void encode(RecordHeader const& header, std::uint64_t seed, char* out);
void encode(CommitFrame const& frame, std::uint64_t seed, char* out);

/// Gives an encoded header the checksum of its bytes as they are.
void reseal(char* header, std::uint64_t seed);

/// Nothing is checked but the header's own checksum and version. Errors: Corrupt.
Result<RecordHeader> decode_record_header(Bytes bytes, std::uint64_t seed);
Result<CommitFrame> decode_commit_frame(Bytes bytes, std::uint64_t seed);

std::uint64_t payload_checksum(Bytes payload, std::uint64_t seed);
std::uint64_t chain_hash(Bytes headers, std::uint64_t previous);

/// Records begin at multiples of eight.
constexpr std::uint64_t padded(std::uint64_t size) {
    return (size + 7) & ~std::uint64_t{7};
}

}  // namespace signalbox::store
