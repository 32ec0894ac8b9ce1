#pragma once

#include "engine/base/logger.h"
#include "engine/store/checkpoint.h"
#include "engine/store/journal/journal.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signalbox::consensus {

/// What a storage's directory held.
struct Recovered {
    store::JournalId id{};
    bool fresh = false;  ///< There was nothing.
    store::Checkpoint checkpoint;
    std::uint64_t first_journal_file = 1;   ///< That has entries behind the checkpoint.
    std::uint64_t previous_first_file = 1;  ///< The same of the generation before.
    store::JournalStart journal;            ///< How it goes on.
    std::vector<store::JournalStart::File> to_replay;
    std::map<std::uint64_t, std::uint64_t> proven;  ///< By file number: commits known to be there.
    bool damaged = false;
    std::uint64_t generation = 0;         ///< Of the checkpoint that counts.
    std::uint64_t newest_generation = 0;  ///< Of any manifest, also one that was passed over.
};

/// How a change of the catalogue of streams stands in the journal.
struct CatalogueChange {
    enum class Kind : std::uint8_t {
        Put = 1,
        Remove = 2
    };
    Kind kind = Kind::Put;
    std::uint32_t id = 0;
    store::Medium medium = store::Medium::File;
    bool relaxed = false;
    std::string description;
};
std::string encode(CatalogueChange const& change);
/// Errors: Corrupt.
Result<CatalogueChange> decode_catalogue_change(Bytes bytes);

std::string manifest_path(std::string const& directory, std::uint64_t generation);
std::string checkpoint_path(std::string const& directory, std::uint64_t generation);
std::string stream_directory_name(std::uint64_t id);

/// Finds out what a directory holds, and changes nothing in it.
///
/// The newest manifest whose checkpoint is whole counts. The journal behind it is read once for its
/// catalogue and to tell torn from damaged; replaying it is another matter.
class Recovery : public std::enable_shared_from_this<Recovery> {
public:
    using OnDone = std::function<void(Result<Recovered>)>;

    Recovery(World& world, Logger& log, std::string directory)
        : world_(world), log_(log), directory_(std::move(directory)) {}

    /// Errors: Io, Corrupt, Unavailable.
    void run(OnDone done);

private:
    struct Candidate {
        store::Manifest manifest;
    };
    struct JournalFile {
        std::string name;
        store::JournalFileHeader header;
    };

    void read_manifests();
    void take_manifest(Result<std::string> const& bytes);
    void next_candidate();
    void take_checkpoint(store::Manifest const& manifest, Result<std::string> const& bytes);
    void list_journal();
    void read_header();
    void take_header(std::string const& name, Result<std::string> const& bytes);
    void order_journal();
    void scan_next();
    void scan(Result<std::string> const& bytes);
    void finish();
    void fail(Error const& error);
    void damage(std::string const& what);
    std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

    World& world_;
    Logger& log_;
    std::string const directory_;
    OnDone done_;
    Recovered found_;
    std::vector<std::string> names_;
    std::size_t next_ = 0;
    std::vector<store::Manifest> manifests_;  ///< That hold, the newest last.
    std::size_t bad_manifests_ = 0;
    std::optional<Error> refusal_;
    std::vector<JournalFile> files_;
    store::JournalPoint point_;
};

}  // namespace signalbox::consensus
