#include "engine/store/segment/segment.h"

#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"

namespace signalbox::store {
namespace {

constexpr std::uint64_t kMagic = 0x544e4d4753425347;  // "GSBSGMNT"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kChecksum = 8;

}  // namespace

std::string encode_segment_header(std::uint64_t stream, std::uint64_t segment) {
    std::string header;
    ByteWriter out(header);
    out.put(kMagic);
    out.put(kVersion);
    out.put(std::uint32_t{0});
    out.put(stream);
    out.put(segment);
    header.resize(kSegmentHeaderSize - kChecksum);
    out.put(base::hash_of(header));
    return header;
}

Result<void> check_segment_header(Bytes bytes, std::uint64_t stream, std::uint64_t segment) {
    if (bytes.substr(0, kSegmentHeaderSize) != encode_segment_header(stream, segment)) {
        return Error(Errc::Corrupt, "not the segment it should be");
    }
    return {};
}

std::string encode_contents(Segment const& segment, SubjectTable const& subjects) {
    std::string contents;
    ByteWriter out(contents);
    out.put_varint(segment.blocks.size());
    for (SegmentBlock const& block : segment.blocks) {
        out.put_varint(block.stored);
        out.put_varint(block.raw);
    }
    out.put_varint(segment.subjects.size());
    for (SubjectId const id : segment.subjects) {
        // One whose messages here are all gone may have no text any more, and needs none.
        out.put_block(id == kNoSubject ? std::string_view() : subjects.text(id));
    }
    std::string table;
    segment.table.save(table);
    out.put_block(table);
    out.put(base::hash_of(contents));
    return contents;
}

Result<SegmentContents> decode_contents(Bytes bytes) {
    if (bytes.size() < kChecksum ||
        base::hash_of(bytes.substr(0, bytes.size() - kChecksum)) !=
            ByteReader::load<std::uint64_t>(bytes.data() + bytes.size() - kChecksum)) {
        return Error(Errc::Corrupt, "a segment's footer does not hold");
    }
    ByteReader in(bytes.substr(0, bytes.size() - kChecksum));
    SegmentContents contents;
    std::uint64_t const blocks = TRY(in.take_varint());
    if (blocks > bytes.size()) {
        return Error(Errc::Corrupt, "more blocks than bytes");
    }
    std::vector<std::uint32_t> sizes;
    std::uint64_t offset = kSegmentHeaderSize;
    for (std::uint64_t i = 0; i < blocks; ++i) {
        SegmentBlock block{.offset = offset, .written = true};
        block.stored = static_cast<std::uint32_t>(TRY(in.take_varint()));
        block.raw = static_cast<std::uint32_t>(TRY(in.take_varint()));
        offset += block.stored;
        sizes.push_back(block.raw);
        contents.blocks.push_back(std::move(block));
    }
    std::uint64_t const subjects = TRY(in.take_varint());
    if (subjects > bytes.size()) {
        return Error(Errc::Corrupt, "more subjects than bytes");
    }
    contents.subjects.reserve(static_cast<std::size_t>(subjects));
    for (std::uint64_t i = 0; i < subjects; ++i) {
        contents.subjects.push_back(TRY(in.take_block()));
        if (contents.subjects.back().size() > TextArena::kLongest) {
            return Error(Errc::Corrupt, "a subject is too long");
        }
    }
    Bytes const table = TRY(in.take_block());
    contents.table = TRY(SegmentTable::load(table, sizes, static_cast<std::uint32_t>(subjects)));
    return contents;
}

}  // namespace signalbox::store
