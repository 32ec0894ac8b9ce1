#include "engine/store/journal/record.h"

#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"

#include <cstring>

namespace signalbox::store {
namespace {

constexpr std::uint64_t kMagic = 0x4c4e524a58425347;  // "GSBXJRNL"
constexpr std::size_t kFileHeaderBytes = 72;
constexpr std::size_t kSecondCopy = 2048;
constexpr std::size_t kChecksumAt = 4;

std::uint32_t checksum_of(char const* header, std::uint64_t seed) {
    char copy[kRecordHeaderSize];
    std::memcpy(copy, header, sizeof copy);
    std::memset(copy + kChecksumAt, 0, 4);
    return static_cast<std::uint32_t>(base::hash_of({copy, sizeof copy}, seed));
}

void finish(char* header, std::uint64_t seed) {
    ByteWriter::store(header + kChecksumAt, checksum_of(header, seed));
}

Result<void> check(Bytes bytes, std::uint64_t seed) {
    if (bytes.size() < kRecordHeaderSize) {
        return Error(Errc::Corrupt, "a record header is cut off");
    }
    if (ByteReader::load<std::uint32_t>(bytes.data() + kChecksumAt) !=
        checksum_of(bytes.data(), seed)) {
        return Error(Errc::Corrupt, "a record header's checksum does not hold");
    }
    if (ByteReader::load<std::uint16_t>(bytes.data() + 2) != kJournalVersion) {
        return Error(Errc::Corrupt, "a record of an unknown version");
    }
    return {};
}

Result<JournalFileHeader> decode_copy(Bytes bytes) {
    if (bytes.size() < kFileHeaderBytes) {
        return Error(Errc::Corrupt, "the journal file ends in its header");
    }
    Bytes const covered = bytes.substr(0, kFileHeaderBytes - 8);
    ByteReader in(bytes);
    if (TRY(in.take<std::uint64_t>()) != kMagic) {
        return Error(Errc::Corrupt, "not a journal file");
    }
    std::uint32_t const version = TRY(in.take<std::uint32_t>());
    TRY(in.take<std::uint32_t>());
    JournalFileHeader header;
    Bytes const id = TRY(in.take_bytes(header.id.size()));
    std::memcpy(header.id.data(), id.data(), id.size());
    header.number = TRY(in.take<std::uint64_t>());
    header.size = TRY(in.take<std::uint64_t>());
    header.previous_chain = TRY(in.take<std::uint64_t>());
    header.first_commit = TRY(in.take<std::uint64_t>());
    if (TRY(in.take<std::uint64_t>()) != base::hash_of(covered)) {
        return Error(Errc::Corrupt, "the journal file's header does not hold");
    }
    if (version != kJournalVersion) {
        return Error(Errc::Unavailable, "a journal file of a newer version");
    }
    return header;
}

}  // namespace

std::string encode(JournalFileHeader const& header) {
    std::string copy;
    ByteWriter out(copy);
    out.put(kMagic);
    out.put(std::uint32_t{kJournalVersion});
    out.put(std::uint32_t{0});
    for (unsigned char const byte : header.id) {
        out.put(byte);
    }
    out.put(header.number);
    out.put(header.size);
    out.put(header.previous_chain);
    out.put(header.first_commit);
    out.put(base::hash_of(copy));
    CHECK(copy.size() == kFileHeaderBytes);
    std::string file(kJournalHeaderSize, '\0');
    file.replace(0, copy.size(), copy);
    file.replace(kSecondCopy, copy.size(), copy);
    return file;
}

Result<JournalFileHeader> decode_journal_file_header(Bytes file) {
    Result<JournalFileHeader> first = decode_copy(file);
    if (first.ok() || file.size() < kSecondCopy) {
        return first;
    }
    Result<JournalFileHeader> second = decode_copy(file.substr(kSecondCopy));
    return second.ok() ? second : first;
}

FileSeed::FileSeed(JournalId const& id, std::uint64_t file_number)
    : base_(base::hash_of({reinterpret_cast<char const*>(id.data()), id.size()}, file_number)) {}

void encode(RecordHeader const& header, std::uint64_t seed, char* out) {
    out[0] = static_cast<char>(header.kind);
    out[1] = 0;
    ByteWriter::store(out + 2, kJournalVersion);
    ByteWriter::store(out + 8, header.length);
    ByteWriter::store(out + 12, header.group);
    ByteWriter::store(out + 16, header.term);
    ByteWriter::store(out + 24, header.index);
    ByteWriter::store(out + 32, header.payload_checksum);
    ByteWriter::store(out + 40, header.commit);
    finish(out, seed);
}

void encode(CommitFrame const& frame, std::uint64_t seed, char* out) {
    out[0] = static_cast<char>(RecordKind::Frame);
    out[1] = frame.all_before_synced ? 1 : 0;
    ByteWriter::store(out + 2, kJournalVersion);
    ByteWriter::store(out + 8, frame.records);
    ByteWriter::store(out + 12, frame.copies_checksum);
    ByteWriter::store(out + 16, frame.commit);
    ByteWriter::store(out + 24, frame.bytes);
    ByteWriter::store(out + 32, frame.chain);
    ByteWriter::store(out + 40, frame.watermark);
    finish(out, seed);
}

void reseal(char* header, std::uint64_t seed) {
    finish(header, seed);
}

Result<RecordHeader> decode_record_header(Bytes bytes, std::uint64_t seed) {
    if (Result<void> const checked = check(bytes, seed); !checked.ok()) {
        return checked.error();
    }
    char const* const at = bytes.data();
    RecordHeader header;
    header.kind = static_cast<RecordKind>(at[0]);
    header.length = ByteReader::load<std::uint32_t>(at + 8);
    header.group = ByteReader::load<std::uint32_t>(at + 12);
    header.term = ByteReader::load<std::uint64_t>(at + 16);
    header.index = ByteReader::load<std::uint64_t>(at + 24);
    header.payload_checksum = ByteReader::load<std::uint64_t>(at + 32);
    header.commit = ByteReader::load<std::uint64_t>(at + 40);
    return header;
}

Result<CommitFrame> decode_commit_frame(Bytes bytes, std::uint64_t seed) {
    // Asked of every eighth byte of a damaged file: most are refused by the first.
    if (bytes.size() < kRecordHeaderSize || bytes[0] != static_cast<char>(RecordKind::Frame) ||
        !check(bytes, seed).ok()) {
        return Error(Errc::Corrupt, "not a commit frame");
    }
    char const* const at = bytes.data();
    CommitFrame frame;
    frame.all_before_synced = (at[1] & 1) != 0;
    frame.records = ByteReader::load<std::uint32_t>(at + 8);
    frame.copies_checksum = ByteReader::load<std::uint32_t>(at + 12);
    frame.commit = ByteReader::load<std::uint64_t>(at + 16);
    frame.bytes = ByteReader::load<std::uint64_t>(at + 24);
    frame.chain = ByteReader::load<std::uint64_t>(at + 32);
    frame.watermark = ByteReader::load<std::uint64_t>(at + 40);
    return frame;
}

std::uint64_t payload_checksum(Bytes payload, std::uint64_t seed) {
    return base::hash_of(payload, seed + 1);
}

std::uint64_t chain_hash(Bytes headers, std::uint64_t previous) {
    return base::hash_of(headers, previous);
}

}  // namespace signalbox::store
