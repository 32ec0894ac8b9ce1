#include "engine/store/checkpoint.h"

#include "engine/base/byte_reader.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"

#include <cstring>

namespace signalbox::store {
namespace {

constexpr std::uint64_t kCheckpointMagic = 0x54504b4347425347;  // "GSBGCKPT"
constexpr std::uint64_t kManifestMagic = 0x54464e4d47425347;    // "GSBGMNFT"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kChecksum = 8;

void put_id(ByteWriter& out, JournalId const& id) {
    for (unsigned char const byte : id) {
        out.put(byte);
    }
}

Result<JournalId> take_id(ByteReader& in) {
    JournalId id{};
    Bytes const bytes = TRY(in.take_bytes(id.size()));
    std::memcpy(id.data(), bytes.data(), id.size());
    return id;
}

/// The bytes between the version and the checksum at the end.
Result<Bytes> checked(Bytes bytes, std::uint64_t magic, char const* what) {
    if (bytes.size() < 12 + kChecksum || ByteReader::load<std::uint64_t>(bytes.data()) != magic ||
        base::hash_of(bytes.substr(0, bytes.size() - kChecksum), magic) !=
            ByteReader::load<std::uint64_t>(bytes.data() + bytes.size() - kChecksum)) {
        return Error(Errc::Corrupt, concat("the ", what, " does not hold"));
    }
    if (ByteReader::load<std::uint32_t>(bytes.data() + 8) != kVersion) {
        return Error(Errc::Unavailable, concat("the ", what, " is of another version"));
    }
    return bytes.substr(12, bytes.size() - 12 - kChecksum);
}

Result<SavedStream> take_stream(ByteReader& in) {
    SavedStream stream;
    stream.id = TRY(in.take<std::uint32_t>());
    std::uint8_t const medium = TRY(in.take<std::uint8_t>());
    if (medium > static_cast<std::uint8_t>(Medium::Memory)) {
        return Error(Errc::Corrupt, "a stream is kept nowhere");
    }
    stream.medium = static_cast<Medium>(medium);
    stream.relaxed = TRY(in.take<std::uint8_t>()) != 0;
    stream.applied = TRY(in.take<std::uint64_t>());
    stream.description = std::string(TRY(in.take_block()));
    stream.machine = std::string(TRY(in.take_block()));
    stream.messages = std::string(TRY(in.take_block()));
    return stream;
}

}  // namespace

std::string encode(Checkpoint const& checkpoint, JournalId const& storage) {
    std::string bytes;
    ByteWriter out(bytes);
    out.put(kCheckpointMagic);
    out.put(kVersion);
    put_id(out, storage);
    out.put(checkpoint.generation);
    out.put(checkpoint.last_stream);
    out.put_varint(checkpoint.to_remove.size());
    for (std::string const& path : checkpoint.to_remove) {
        out.put_block(path);
    }
    out.put_varint(checkpoint.streams.size());
    for (SavedStream const& stream : checkpoint.streams) {
        out.put(stream.id);
        out.put(static_cast<std::uint8_t>(stream.medium));
        out.put(static_cast<std::uint8_t>(stream.relaxed ? 1 : 0));
        out.put(stream.applied);
        out.put_block(stream.description);
        out.put_block(stream.machine);
        out.put_block(stream.messages);
    }
    out.put(base::hash_of(bytes, kCheckpointMagic));
    return bytes;
}

Result<Checkpoint> decode_checkpoint(Bytes bytes, JournalId const& storage) {
    ByteReader in(TRY(checked(bytes, kCheckpointMagic, "checkpoint")));
    if (TRY(take_id(in)) != storage) {
        return Error(Errc::Corrupt, "the checkpoint is of another storage");
    }
    Checkpoint checkpoint;
    checkpoint.generation = TRY(in.take<std::uint64_t>());
    checkpoint.last_stream = TRY(in.take<std::uint32_t>());
    std::uint64_t const removals = TRY(in.take_varint());
    for (std::uint64_t i = 0; i < removals; ++i) {
        checkpoint.to_remove.emplace_back(TRY(in.take_block()));
    }
    std::uint64_t const streams = TRY(in.take_varint());
    for (std::uint64_t i = 0; i < streams; ++i) {
        checkpoint.streams.push_back(TRY(take_stream(in)));
    }
    if (!in.done()) {
        return Error(Errc::Corrupt, "bytes behind the checkpoint");
    }
    return checkpoint;
}

std::uint64_t checksum_of_checkpoint(Bytes bytes) {
    return base::hash_of(bytes, kManifestMagic);
}

std::string encode(Manifest const& manifest) {
    std::string bytes;
    ByteWriter out(bytes);
    out.put(kManifestMagic);
    out.put(kVersion);
    put_id(out, manifest.storage);
    out.put(manifest.generation);
    out.put(manifest.checkpoint_size);
    out.put(manifest.checkpoint_checksum);
    out.put(manifest.first_journal_file);
    out.put(manifest.synced_commit);
    out.put(base::hash_of(bytes, kManifestMagic));
    return bytes;
}

Result<Manifest> decode_manifest(Bytes bytes) {
    ByteReader in(TRY(checked(bytes, kManifestMagic, "manifest")));
    Manifest manifest;
    manifest.storage = TRY(take_id(in));
    manifest.generation = TRY(in.take<std::uint64_t>());
    manifest.checkpoint_size = TRY(in.take<std::uint64_t>());
    manifest.checkpoint_checksum = TRY(in.take<std::uint64_t>());
    manifest.first_journal_file = TRY(in.take<std::uint64_t>());
    manifest.synced_commit = TRY(in.take<std::uint64_t>());
    if (!in.done()) {
        return Error(Errc::Corrupt, "bytes behind the manifest");
    }
    return manifest;
}

}  // namespace signalbox::store
