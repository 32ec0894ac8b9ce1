#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"
#include "engine/consensus/recovery.h"
#include "engine/store/segment_store.h"

#include <cstddef>
#include <cstdint>

/// The manifest, the checkpoint and the states within it, as they come and with a checksum that
/// holds.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    Bytes const bytes(reinterpret_cast<char const*>(data), size);
    std::string sealed(bytes);
    if (size >= 8) {
        // Both seed their checksums with their magic.
        std::uint64_t magic = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            magic |= std::uint64_t{data[i]} << (8 * i);
        }
        ByteWriter(sealed).put(base::hash_of(bytes, magic));
    }
    Result<store::Manifest> const manifest = store::decode_manifest(sealed);
    static_cast<void>(manifest);
    Result<store::Checkpoint> const checkpoint = store::decode_checkpoint(sealed, {});
    if (checkpoint.ok()) {
        std::string const again = store::encode(checkpoint.value(), {});
        CHECK(store::decode_checkpoint(again, {}).ok());
    }
    Result<std::vector<std::string>> const strangers = store::SegmentStore::strangers(bytes, {"a"});
    static_cast<void>(strangers);
    Result<consensus::CatalogueChange> const change = consensus::decode_catalogue_change(bytes);
    static_cast<void>(change);
    return 0;
}
