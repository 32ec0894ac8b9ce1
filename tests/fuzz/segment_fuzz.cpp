#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"
#include "engine/store/segment/block.h"
#include "engine/store/segment/segment_rebuild.h"

#include <cstddef>
#include <cstdint>

/// A segment's footer and its blocks. The footer also with a checksum that holds, so that what is
/// behind it is reached.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    Bytes const bytes(reinterpret_cast<char const*>(data), size);
    std::string sealed(bytes);
    ByteWriter(sealed).put(base::hash_of(bytes));
    Result<store::SegmentContents> contents = store::decode_contents(sealed);
    if (contents.ok()) {
        store::SegmentTable& table = contents.value().table;
        Result<void> const marked =
            table.load_deleted(bytes, store::SegmentTable::Groups::WhatIsLeft);
        static_cast<void>(marked);
        store::SegmentTable::GroupRows rows;
        for (std::uint32_t group = 0; group < table.groups(); ++group) {
            table.decode(group, rows);
        }
    }
    for (std::size_t offset = 0; offset < size; offset += 7) {
        Result<store::StoredMessage> const message = store::read_record(bytes, offset);
        static_cast<void>(message);
    }
    store::RebuiltContents const rebuilt = store::rebuild_contents(bytes, 1, 1);
    static_cast<void>(rebuilt);
    return 0;
}
