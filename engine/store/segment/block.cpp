#include "engine/store/segment/block.h"

#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"

namespace signalbox::store {
namespace {

constexpr std::uint32_t kMagic = 0x4b4c4253;  // "SBLK"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kRecordHeader = 32;
constexpr std::size_t kChecksum = 8;

std::uint64_t seed_of(BlockPlace const& place) {
    std::uint64_t const parts[] = {place.stream, place.segment, place.number};
    return base::hash_of({reinterpret_cast<char const*>(parts), sizeof parts}, kMagic);
}

}  // namespace

std::uint64_t message_checksum(StoredMessage const& message, std::uint64_t stream) {
    // Each part's hash is the seed of the next, so that no byte can move from one to another.
    std::uint64_t hash = base::hash_of(message.subject, stream + message.sequence);
    hash = base::hash_of(message.headers, hash);
    hash = base::hash_of(message.payload, hash);
    std::int64_t const time = message.time.since_epoch().count();
    return base::hash_of({reinterpret_cast<char const*>(&time), sizeof time}, hash);
}

std::size_t append_record(std::string& block, StoredMessage const& message, std::uint64_t stream) {
    std::size_t const size =
        kRecordOverhead + message.subject.size() + message.headers.size() + message.payload.size();
    std::size_t const begin = block.size();
    block.resize(begin + kRecordHeader);
    char* const at = block.data() + begin;
    ByteWriter::store(at, static_cast<std::uint32_t>(size));
    ByteWriter::store(at + 4, static_cast<std::uint32_t>(message.headers.size()));
    ByteWriter::store(at + 8, message.sequence);
    ByteWriter::store(at + 16, static_cast<std::uint64_t>(message.time.since_epoch().count()));
    ByteWriter::store(at + 24, static_cast<std::uint16_t>(message.subject.size()));
    ByteWriter::store(at + 26, std::uint16_t{0});
    ByteWriter::store(at + 28, static_cast<std::uint32_t>(message.payload.size()));
    block.append(message.subject);
    block.append(message.headers);
    block.append(message.payload);
    ByteWriter(block).put(message_checksum(message, stream));
    return size;
}

Result<std::size_t> record_size(Bytes block, std::size_t offset) {
    if (offset > block.size() || block.size() - offset < kRecordOverhead) {
        return Error(Errc::Corrupt, "a record is cut off");
    }
    std::size_t const size = ByteReader::load<std::uint32_t>(block.data() + offset);
    if (size < kRecordOverhead || size > block.size() - offset) {
        return Error(Errc::Corrupt, "a record has a wrong size");
    }
    return size;
}

void wipe_record(std::string& block, std::size_t offset) {
    std::size_t const size = ByteReader::load<std::uint32_t>(block.data() + offset);
    std::size_t const subject = ByteReader::load<std::uint16_t>(block.data() + offset + 24);
    std::size_t const begin = offset + kRecordHeader + subject;
    std::size_t const count = size - kRecordHeader - subject;
    block.replace(begin, count, count, '\0');
}

Result<StoredMessage> read_record(Bytes block, std::size_t offset) {
    std::size_t const size = TRY(record_size(block, offset));
    char const* const at = block.data() + offset;
    std::uint64_t const headers = ByteReader::load<std::uint32_t>(at + 4);
    std::uint64_t const subject = ByteReader::load<std::uint16_t>(at + 24);
    std::uint64_t const payload = ByteReader::load<std::uint32_t>(at + 28);
    if (headers + subject + payload != size - kRecordOverhead) {
        return Error(Errc::Corrupt, "a record's sizes do not add up");
    }
    Bytes const body(at + kRecordHeader, size - kRecordHeader - kChecksum);
    StoredMessage message;
    message.sequence = ByteReader::load<std::uint64_t>(at + 8);
    message.time =
        WallTime(Duration(static_cast<std::int64_t>(ByteReader::load<std::uint64_t>(at + 16))));
    message.subject = body.substr(0, subject);
    message.headers = body.substr(subject, headers);
    message.payload = body.substr(subject + headers);
    return message;
}

std::string seal_block(Bytes raw, BlockPlace const& place, std::uint32_t rows, Sequence first) {
    std::uint64_t const seed = seed_of(place);
    std::string block;
    block.reserve(kBlockHeaderSize + raw.size());
    ByteWriter out(block);
    out.put(kMagic);
    out.put(kVersion);
    out.put(std::uint16_t{0});
    out.put(place.number);
    out.put(static_cast<std::uint32_t>(raw.size()));
    out.put(static_cast<std::uint32_t>(raw.size()));
    out.put(rows);
    out.put(first);
    out.put(base::hash_of(raw, seed));
    out.put(base::hash_of(raw, seed + 1));
    out.put(std::uint64_t{0});
    out.put(base::hash_of(block, seed));
    CHECK(block.size() == kBlockHeaderSize);
    block.append(raw);
    return block;
}

Result<BlockHeader> read_block_header(Bytes stored, BlockPlace const& place) {
    if (stored.size() < kBlockHeaderSize) {
        return Error(Errc::Corrupt, "a block's header is cut off");
    }
    ByteReader in(stored);
    std::uint32_t const magic = TRY(in.take<std::uint32_t>());
    std::uint16_t const version = TRY(in.take<std::uint16_t>());
    BlockHeader header;
    header.flags = TRY(in.take<std::uint16_t>());
    header.number = TRY(in.take<std::uint32_t>());
    header.stored = TRY(in.take<std::uint32_t>());
    header.raw = TRY(in.take<std::uint32_t>());
    header.rows = TRY(in.take<std::uint32_t>());
    header.first = TRY(in.take<std::uint64_t>());
    header.raw_checksum = TRY(in.take<std::uint64_t>());
    header.stored_checksum = TRY(in.take<std::uint64_t>());
    header.nonce = TRY(in.take<std::uint64_t>());
    if (magic != kMagic || header.number != place.number ||
        TRY(in.take<std::uint64_t>()) !=
            base::hash_of(stored.substr(0, kBlockHeaderSize - kChecksum), seed_of(place))) {
        return Error(Errc::Corrupt, "a block's header does not hold");
    }
    if (version != kVersion || header.flags != 0) {
        return Error(Errc::Corrupt, "a block of an unknown kind");
    }
    return header;
}

Result<std::string> open_block(Bytes stored, BlockPlace const& place) {
    BlockHeader const header = TRY(read_block_header(stored, place));
    Bytes const contents = stored.substr(kBlockHeaderSize, header.stored);
    std::uint64_t const seed = seed_of(place);
    if (contents.size() != header.stored || contents.size() != header.raw ||
        base::hash_of(contents, seed + 1) != header.stored_checksum) {
        return Error(Errc::Corrupt, "a block's checksum does not hold");
    }
    if (base::hash_of(contents, seed) != header.raw_checksum) {
        return Error(Errc::Corrupt, "a block's records are not those that were stored");
    }
    return std::string(contents);
}

}  // namespace signalbox::store
