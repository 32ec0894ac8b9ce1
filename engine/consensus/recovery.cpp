#include "engine/consensus/recovery.h"

#include "engine/base/byte_reader.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::consensus {
namespace {

using store::Checkpoint;
using store::Manifest;
using store::SavedStream;

/// Applies changes of the catalogue, and says what was lost.
class CatalogueReader final : public store::ScanVisitor {
public:
    CatalogueReader(Checkpoint& checkpoint, Logger& log) : checkpoint_(checkpoint), log_(log) {}

    void record(store::RecordHeader const& header, Bytes payload) override {
        if (header.kind != store::RecordKind::Catalogue) {
            return;
        }
        Result<CatalogueChange> const change = decode_catalogue_change(payload);
        if (!change.ok()) {
            LOG(log_, Error,
                "journal: a change of the catalogue cannot be read: ", change.error().detail());
            return;
        }
        apply(change.value());
    }

    void lost(store::RecordHeader const& header) override {
        LOG(log_, Error, "journal: entry ", header.index, " of stream storage ", header.group,
            " is lost by damage");
    }

    void gap(std::uint64_t first, std::uint64_t last) override {
        LOG(log_, Error, "journal: commits ", first, " to ", last, " are lost by damage");
    }

private:
    void apply(CatalogueChange const& change) {
        std::vector<SavedStream>& streams = checkpoint_.streams;
        auto const at = std::ranges::find(streams, change.id, &SavedStream::id);
        if (change.kind == CatalogueChange::Kind::Remove) {
            if (at != streams.end()) {
                streams.erase(at);
            }
            checkpoint_.to_remove.push_back("streams/" + stream_directory_name(change.id));
            return;
        }
        SavedStream& stream = at != streams.end() ? *at : streams.emplace_back();
        stream.id = change.id;
        stream.medium = change.medium;
        stream.relaxed = change.relaxed;
        stream.description = change.description;
        checkpoint_.last_stream = std::max(checkpoint_.last_stream, change.id);
    }

    Checkpoint& checkpoint_;
    Logger& log_;
};

}  // namespace

std::string encode(CatalogueChange const& change) {
    std::string bytes;
    ByteWriter out(bytes);
    out.put(static_cast<std::uint8_t>(change.kind));
    out.put(change.id);
    out.put(static_cast<std::uint8_t>(change.medium));
    out.put(static_cast<std::uint8_t>(change.relaxed ? 1 : 0));
    out.put_block(change.description);
    return bytes;
}

Result<CatalogueChange> decode_catalogue_change(Bytes bytes) {
    ByteReader in(bytes);
    CatalogueChange change;
    std::uint8_t const kind = TRY(in.take<std::uint8_t>());
    change.id = TRY(in.take<std::uint32_t>());
    std::uint8_t const medium = TRY(in.take<std::uint8_t>());
    change.relaxed = TRY(in.take<std::uint8_t>()) != 0;
    change.description = std::string(TRY(in.take_block()));
    if (kind < 1 || kind > 2 || medium > 1) {
        return Error(Errc::Corrupt, "a change of an unknown kind");
    }
    change.kind = static_cast<CatalogueChange::Kind>(kind);
    change.medium = static_cast<store::Medium>(medium);
    return change;
}

std::string manifest_path(std::string const& directory, std::uint64_t generation) {
    return concat(directory, "/manifest.", generation % 2);
}

std::string checkpoint_path(std::string const& directory, std::uint64_t generation) {
    return concat(directory, "/checkpoint.", generation % 4);
}

std::string stream_directory_name(std::uint64_t id) {
    std::string const digits = std::to_string(id);
    return concat(std::string(digits.size() < 10 ? 10 - digits.size() : 0, '0'), digits);
}

void Recovery::run(OnDone done) {
    done_ = std::move(done);
    world_.disk().list_directory(
        directory_, [self = shared_from_this()](Result<std::vector<std::string>> const& names) {
            if (!names.ok() && names.error().code() != Errc::NotFound) {
                self->fail(names.error());
                return;
            }
            if (names.ok()) {
                self->names_ = names.value();
            }
            self->read_manifests();
        });
}

void Recovery::fail(Error const& error) {
    done_(error);
}

void Recovery::damage(std::string const& what) {
    found_.damaged = true;
    LOG(log_, Error, directory_, ": ", what);
}

void Recovery::read_manifests() {
    if (next_ < 2) {
        world_.disk().read_file(manifest_path(directory_, next_++),
                                [self = shared_from_this()](Result<std::string> const& bytes) {
                                    self->take_manifest(bytes);
                                });
        return;
    }
    std::ranges::sort(manifests_, {}, &Manifest::generation);
    if (!manifests_.empty()) {
        found_.newest_generation = manifests_.back().generation;
        found_.previous_first_file = manifests_.front().first_journal_file;
        // The very first one is alone until the second is written.
        bool const first = found_.newest_generation == 1;
        if (bad_manifests_ > 0 || (manifests_.size() < 2 && !first)) {
            damage("a copy of the manifest is missing or damaged");
        }
        next_candidate();
        return;
    }
    // A first start that did not come to its end has left nothing that counts.
    bool const something = std::ranges::any_of(
        names_, [](std::string const& name) { return name == "journal" || name == "streams"; });
    if (something) {
        fail(refusal_.value_or(
            Error(Errc::Corrupt, concat(directory_, " has no manifest that holds"))));
        return;
    }
    found_.fresh = true;
    for (std::size_t i = 0; i < found_.id.size(); i += 8) {
        std::uint64_t const random = world_.entropy().next();
        for (std::size_t j = 0; j < 8; ++j) {
            found_.id[i + j] = static_cast<unsigned char>(random >> (8 * j));
        }
    }
    found_.journal.id = found_.id;
    done_(std::move(found_));
}

void Recovery::take_manifest(Result<std::string> const& bytes) {
    bool const unwritten =
        !bytes.ok() || bytes.value().find_first_not_of('\0') == std::string::npos;
    if (bytes.ok() && !unwritten) {
        Result<Manifest> const manifest = store::decode_manifest(bytes.value());
        if (manifest.ok()) {
            manifests_.push_back(manifest.value());
        } else {
            ++bad_manifests_;
            refusal_ = manifest.error();
        }
    } else if (!bytes.ok() && bytes.error().code() != Errc::NotFound) {
        fail(bytes.error());
        return;
    }
    read_manifests();
}

void Recovery::next_candidate() {
    if (manifests_.empty()) {
        fail(refusal_.value_or(Error(Errc::Corrupt, "no checkpoint holds")));
        return;
    }
    Manifest const manifest = manifests_.back();
    manifests_.pop_back();
    world_.disk().read_file(
        checkpoint_path(directory_, manifest.generation),
        [self = shared_from_this(), manifest](Result<std::string> const& bytes) {
            self->take_checkpoint(manifest, bytes);
        });
}

void Recovery::take_checkpoint(Manifest const& manifest, Result<std::string> const& bytes) {
    Result<Checkpoint> checkpoint = Error(Errc::Corrupt, "not the checkpoint it should be");
    if (!bytes.ok()) {
        checkpoint = bytes.error();
    } else if (Bytes const content = Bytes(bytes.value()).substr(0, manifest.checkpoint_size);
               store::checksum_of_checkpoint(content) == manifest.checkpoint_checksum) {
        checkpoint = store::decode_checkpoint(content, manifest.storage);
    }
    if (!checkpoint.ok()) {
        damage(concat("checkpoint ", manifest.generation,
                      " cannot be used: ", checkpoint.error().detail()));
        refusal_ = checkpoint.error();
        next_candidate();
        return;
    }
    found_.checkpoint = std::move(checkpoint).value();
    found_.id = manifest.storage;
    found_.generation = manifest.generation;
    found_.first_journal_file = manifest.first_journal_file;
    found_.previous_first_file = std::min(found_.previous_first_file, manifest.first_journal_file);
    point_.commit = manifest.synced_commit;
    list_journal();
}

void Recovery::list_journal() {
    world_.disk().list_directory(
        path("journal"),
        [self = shared_from_this()](Result<std::vector<std::string>> const& names) {
            if (!names.ok() && names.error().code() != Errc::NotFound) {
                self->fail(names.error());
                return;
            }
            self->names_ = names.ok() ? names.value() : std::vector<std::string>();
            self->next_ = 0;
            self->read_header();
        });
}

void Recovery::read_header() {
    if (next_ == names_.size()) {
        order_journal();
        return;
    }
    std::string const name = names_[next_++];
    world_.disk().read_range(path("journal/" + name), 0, store::kJournalHeaderSize,
                             [self = shared_from_this(), name](Result<std::string> const& bytes) {
                                 self->take_header(name, bytes);
                             });
}

void Recovery::take_header(std::string const& name, Result<std::string> const& bytes) {
    std::uint64_t const number =
        base::parse_uint(std::string_view(name).substr(0, name.find('.'))).value_or(0);
    found_.journal.last_name = std::max(found_.journal.last_name, number);
    if (!bytes.ok()) {
        damage(concat("journal/", name, " cannot be read: ", bytes.error().detail()));
        read_header();
        return;
    }
    Result<store::JournalFileHeader> const header =
        store::decode_journal_file_header(bytes.value());
    bool const unused = bytes.value().find_first_not_of('\0') == std::string::npos;
    if (header.ok() && header.value().id == found_.id) {
        files_.push_back({name, header.value()});
    } else if (unused) {
        found_.journal.free_names.push_back(name);
    } else {
        damage(concat("journal/", name, " is no file of this journal, and left alone"));
    }
    read_header();
}

void Recovery::order_journal() {
    // Journal files are written over and never removed, so that none of their names is missing.
    if (names_.size() < found_.journal.last_name) {
        damage("a journal file is missing");
    }
    // The newest is prepared and has nothing in it until the one before is full. Others have.
    std::string const newest = store::journal_name(found_.journal.last_name);
    std::erase_if(found_.journal.free_names, [&](std::string const& name) {
        if (name != newest) {
            damage(concat("journal/", name, " is empty"));
        }
        return name != newest;
    });
    std::ranges::sort(files_, {}, [](JournalFile const& file) { return file.header.number; });
    std::uint64_t expected = found_.first_journal_file;
    std::uint64_t highest = expected;
    std::vector<JournalFile> needed;
    for (JournalFile const& file : files_) {
        std::uint64_t const number = file.header.number;
        highest = std::max(highest, number);
        if (number < found_.previous_first_file) {
            found_.journal.free_names.push_back(file.name);
            continue;
        }
        found_.journal.files.push_back({file.name, number});
        if (number >= found_.first_journal_file) {
            if (number != expected) {
                damage(concat("journal files ", expected, " to ", number - 1, " are missing"));
            }
            expected = number + 1;
            needed.push_back(file);
        }
    }
    if (needed.empty() && point_.commit > 0) {
        damage("the journal is missing");
    }
    found_.journal.id = found_.id;
    found_.journal.file_number = highest + 1;
    files_ = std::move(needed);
    next_ = 0;
    scan_next();
}

void Recovery::scan_next() {
    if (next_ == files_.size()) {
        finish();
        return;
    }
    world_.disk().read_file(
        path("journal/" + files_[next_].name),
        [self = shared_from_this()](Result<std::string> const& bytes) { self->scan(bytes); });
}

void Recovery::scan(Result<std::string> const& bytes) {
    JournalFile const& file = files_[next_];
    bool const last = next_ + 1 == files_.size();
    // A file that has a successor was whole when that was begun.
    std::uint64_t const proven = last ? point_.commit : files_[next_ + 1].header.first_commit - 1;
    if (!bytes.ok()) {
        damage(concat("journal/", file.name, " cannot be read: ", bytes.error().detail()));
    } else {
        if (bytes.value().size() < file.header.size) {
            damage(concat("journal/", file.name, " is cut off"));
        }
        CatalogueReader reader(found_.checkpoint, log_);
        store::ScanResult const scanned = scan_journal_file(
            bytes.value(), file.header, {file.header.first_commit - 1, file.header.previous_chain},
            proven, reader);
        if (scanned.damaged) {
            damage(concat("journal/", file.name, " is damaged"));
        }
        if (scanned.torn) {
            LOG(log_, Notice, directory_,
                ": what was being written to the journal when the machine "
                "stopped was not acknowledged to anybody and is left out");
        }
        found_.to_replay.push_back({file.name, file.header.number});
        found_.proven[file.header.number] = proven;
        found_.journal.before = scanned.end;
    }
    ++next_;
    scan_next();
}

void Recovery::finish() {
    found_.journal.before.commit = std::max(found_.journal.before.commit, point_.commit);
    done_(std::move(found_));
}

}  // namespace signalbox::consensus
