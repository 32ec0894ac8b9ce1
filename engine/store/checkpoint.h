#pragma once

#include "engine/store/journal/record.h"
#include "engine/store/stored_message.h"

#include <string>
#include <vector>

namespace signalbox::store {

/// What a checkpoint keeps of one stream.
struct SavedStream {
    std::uint32_t id = 0;
    Medium medium = Medium::File;
    bool relaxed = false;
    std::string description;
    std::uint64_t applied = 0;  ///< Entries of its log up to here are in what follows.
    std::string machine;        ///< State of its state machine.
    std::string messages;       ///< State of its store.
};

/// All that a start needs beside the segments and the journal behind it.
struct Checkpoint {
    std::uint64_t generation = 0;
    std::uint32_t last_stream = 0;  ///< The highest id that was ever given.
    std::vector<SavedStream> streams;
    /// Of files whose messages are gone for good, and of streams that were removed: paths from the
    /// storage's directory, to be removed as soon as no older checkpoint may be gone back to.
    std::vector<std::string> to_remove;
};

std::string encode(Checkpoint const& checkpoint, JournalId const& storage);

/// Errors: Corrupt, Unavailable (of a newer version).
Result<Checkpoint> decode_checkpoint(Bytes bytes, JournalId const& storage);

/// Which checkpoint counts, and where the journal behind it begins. There are two files of it,
/// which are written in turn, so that one is always whole.
struct Manifest {
    JournalId storage{};
    std::uint64_t generation = 0;
    std::uint64_t checkpoint_size = 0;
    std::uint64_t checkpoint_checksum = 0;
    std::uint64_t first_journal_file = 0;
    std::uint64_t synced_commit = 0;  ///< Known to be on stable storage when it was written.
};

std::string encode(Manifest const& manifest);

/// Errors: Corrupt, Unavailable (of a newer version).
Result<Manifest> decode_manifest(Bytes bytes);

std::uint64_t checksum_of_checkpoint(Bytes bytes);

}  // namespace signalbox::store
