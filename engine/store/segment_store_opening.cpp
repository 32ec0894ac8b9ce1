#include "engine/base/byte_reader.h"
#include "engine/base/text.h"
#include "engine/store/segment/block.h"
#include "engine/store/segment/segment_rebuild.h"
#include "engine/store/segment_store.h"

#include <utility>

namespace signalbox::store {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kSealed = 1;
constexpr std::uint64_t kWipeFlag = 2;

/// One segment as a checkpoint speaks of it.
struct SavedSegment {
    std::uint64_t number = 0;
    bool sealed = false;
    bool wipe = false;
    std::uint64_t file_size = 0;
    std::uint64_t footer_offset = 0;
    std::uint64_t footer_checksum = 0;
    std::uint64_t live = 0;
    Sequence first = 0;
    Sequence last = 0;
    Bytes deleted;
    Bytes contents;  ///< Of an open one.
};

struct SavedStore {
    Sequence last = 0;
    std::int64_t last_time = 0;
    std::uint64_t next_segment = 1;
    std::uint64_t subjects = 0;
    std::vector<SavedSegment> segments;
};

Result<SavedSegment> read_segment(ByteReader& in) {
    SavedSegment segment;
    segment.number = TRY(in.take_varint());
    std::uint64_t const flags = TRY(in.take_varint());
    segment.sealed = (flags & kSealed) != 0;
    segment.wipe = (flags & kWipeFlag) != 0;
    segment.file_size = TRY(in.take_varint());
    segment.footer_offset = TRY(in.take_varint());
    segment.footer_checksum = TRY(in.take<std::uint64_t>());
    segment.live = TRY(in.take_varint());
    segment.first = TRY(in.take_varint());
    segment.last = TRY(in.take_varint());
    segment.deleted = TRY(in.take_block());
    segment.contents = TRY(in.take_block());
    return segment;
}

Result<SavedStore> read_saved(Bytes bytes) {
    ByteReader in(bytes);
    if (TRY(in.take_varint()) != kVersion) {
        return Error(Errc::Corrupt, "a store of an unknown version");
    }
    SavedStore saved;
    saved.last = TRY(in.take_varint());
    saved.last_time = base::from_zigzag(TRY(in.take_varint()));
    saved.next_segment = TRY(in.take_varint());
    saved.subjects = TRY(in.take_varint());
    std::uint64_t const segments = TRY(in.take_varint());
    for (std::uint64_t i = 0; i < segments; ++i) {
        saved.segments.push_back(TRY(read_segment(in)));
    }
    if (!in.done()) {
        return Error(Errc::Corrupt, "bytes behind a saved store");
    }
    return saved;
}

}  // namespace

struct SegmentStore::Reading {
    std::string bytes;
    SavedStore saved;
    std::size_t next = 0;
    OnDone done;

    SavedSegment const& current() const { return saved.segments[next]; }
};

std::string SegmentStore::save() {
    if (options_.medium == Medium::Memory) {
        return {};
    }
    Segment* const open = segments_.open_one();
    if (open != nullptr && !open->blocks.empty() && open->blocks.back().stored == 0) {
        if (open->blocks.back().records->empty()) {
            open->blocks.pop_back();
        } else {
            close_block(*open);
        }
    }
    std::string saved;
    ByteWriter out(saved);
    out.put_varint(kVersion);
    out.put_varint(state_.last);
    out.put_varint(base::zigzag(state_.last_time.since_epoch().count()));
    out.put_varint(next_segment_);
    out.put_varint(state_.subjects);
    out.put_varint(segments_.all().size());
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        bool const empty = segment->table.empty();
        out.put_varint(segment->number);
        out.put_varint((segment->sealed ? kSealed : 0) | (segment->wipe ? kWipeFlag : 0));
        out.put_varint(segment->file_size);
        out.put_varint(segment->footer_offset);
        out.put(segment->footer_checksum);
        out.put_varint(segment->table.live());
        out.put_varint(empty ? 0 : segment->table.first());
        out.put_varint(empty ? 0 : segment->table.last());
        std::string deleted;
        segment->table.save_deleted(deleted);
        out.put_block(deleted);
        out.put_block(segment->sealed ? std::string() : encode_contents(*segment, index_.table()));
    }
    dirty_ = false;
    return saved;
}

Result<std::vector<std::string>> SegmentStore::strangers(Bytes saved,
                                                         std::vector<std::string> const& names) {
    SavedStore store;
    if (!saved.empty()) {
        store = TRY(read_saved(saved));
    }
    // What is newer is about to be made again by the replay.
    std::string const next = SegmentFiles::name_of(store.next_segment);
    std::vector<std::string> found;
    for (std::string const& name : names) {
        bool const known = std::ranges::any_of(store.segments, [&](SavedSegment const& segment) {
            return SegmentFiles::name_of(segment.number) == name;
        });
        if (!known && (name.size() != next.size() || name < next)) {
            found.push_back(name);
        }
    }
    return found;
}

void SegmentStore::open(Bytes saved, OnDone done) {
    auto const reading = std::make_shared<Reading>();
    reading->bytes = std::string(saved);
    reading->done = std::move(done);
    if (!saved.empty()) {
        Result<SavedStore> store = read_saved(reading->bytes);
        if (!store.ok()) {
            world_.turn().defer([reading, error = store.error()] { reading->done(error); });
            return;
        }
        reading->saved = std::move(store).value();
        state_.last = reading->saved.last;
        state_.last_time = WallTime(Duration(reading->saved.last_time));
        next_segment_ = reading->saved.next_segment;
        // Only a hint, from a file whose checksum held.
        index_.reserve(
            static_cast<std::size_t>(std::min(reading->saved.subjects, std::uint64_t{50'000'000})));
    }
    world_.turn().defer([this, reading] { open_next(reading); });
}

void SegmentStore::open_next(std::shared_ptr<Reading> const& reading) {
    if (reading->next == reading->saved.segments.size()) {
        count_all();
        reading->done({});
        return;
    }
    SavedSegment const& saved = reading->current();
    if (!saved.sealed) {
        take_segment(reading, std::string(saved.contents));
        return;
    }
    world_.disk().read_range(
        files_.path_of(saved.number), saved.footer_offset, saved.file_size - saved.footer_offset,
        [this, reading](Result<std::string> const& footer) { take_segment(reading, footer); });
}

void SegmentStore::take_segment(std::shared_ptr<Reading> const& reading,
                                Result<std::string> const& footer) {
    SavedSegment const& saved = reading->current();
    if (footer.ok()) {
        bool const expected =
            !saved.sealed ||
            (footer.value().size() >= 8 &&
             ByteReader::load<std::uint64_t>(footer.value().data() + footer.value().size() - 8) ==
                 saved.footer_checksum);
        Result<SegmentContents> contents = decode_contents(footer.value());
        if (expected && contents.ok()) {
            Segment& segment = attach(saved.number, std::move(contents).value());
            if (segment.table.load_deleted(saved.deleted, SegmentTable::Groups::All).ok()) {
                settle(reading, &segment);
                return;
            }
            segments_.all().pop_back();
        }
    }
    // Its records tell the same as its footer did.
    LOG(log_, Error, "stream storage ", options_.stream, ": the table of ",
        files_.path_of(saved.number), " is damaged; it is made again of the messages");
    world_.disk().read_range(
        files_.path_of(saved.number), 0, saved.sealed ? saved.footer_offset : saved.file_size,
        [this, reading](Result<std::string> const& file) { rebuild(reading, file); });
}

void SegmentStore::rebuild(std::shared_ptr<Reading> const& reading,
                           Result<std::string> const& file) {
    SavedSegment const& saved = reading->current();
    Segment* segment = nullptr;
    if (file.ok()) {
        RebuiltContents rebuilt = rebuild_contents(file.value(), options_.stream, saved.number);
        segment = &attach(saved.number, std::move(rebuilt.contents));
        Result<void> const marked =
            segment->table.load_deleted(saved.deleted, SegmentTable::Groups::WhatIsLeft);
        static_cast<void>(marked);
    }
    std::uint64_t const found = segment == nullptr ? 0 : segment->table.live();
    if (found < saved.live) {
        damaged_ += saved.live - found;
        LOG(log_, Error, "stream storage ", options_.stream, ": ", saved.live - found,
            " messages between ", saved.first, " and ", saved.last, " are lost by damage to ",
            files_.path_of(saved.number),
            file.ok() ? std::string() : concat(": ", file.error().detail()));
    }
    settle(reading, segment);
}

/// The segment is as well as it can be; on to the next.
void SegmentStore::settle(std::shared_ptr<Reading> const& reading, Segment* segment) {
    SavedSegment const& saved = reading->current();
    if (segment != nullptr) {
        // A damaged one is not written to any more.
        segment->sealed = saved.sealed;
        segment->wipe = saved.wipe;
        segment->has_header = true;
        segment->file_size = saved.file_size;
        segment->footer_offset = saved.footer_offset;
        segment->footer_checksum = saved.footer_checksum;
    }
    ++reading->next;
    open_next(reading);
}

Segment& SegmentStore::attach(std::uint64_t number, SegmentContents contents) {
    segments_.all().push_back(std::make_unique<Segment>());
    Segment& segment = *segments_.all().back();
    segment.number = number;
    segment.table = std::move(contents.table);
    segment.blocks = std::move(contents.blocks);
    segment.subjects.reserve(contents.subjects.size());
    for (Bytes const subject : contents.subjects) {
        segment.subjects.push_back(subject.empty() ? kNoSubject : index_.id_of(subject));
    }
    return segment;
}

/// What the tables say together.
void SegmentStore::count_all() {
    Sequence highest = 0;
    segments_.forward(0, [&](Spot const& spot) {
        if (state_.messages++ == 0) {
            state_.first = spot.row.sequence;
            state_.first_time = WallTime(Duration(spot.row.time));
        }
        state_.bytes += counted(spot.row);
        ++spot.segment->blocks[spot.row.block].live;
        index_.add(spot.subject(), spot.row.sequence);
        highest = spot.row.sequence;
        return true;
    });
    state_.last = std::max(state_.last, highest);
    index_.drop_unused();
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            consider_compaction();
        }
    });
    if (Segment* const open = segments_.open_one()) {
        for (std::uint32_t i = 0; i < open->subjects.size(); ++i) {
            SubjectId& id = open->subjects[i];
            if (id != kNoSubject && index_.table().is_used(id)) {
                open->own_subjects.try_emplace(id, i);
            } else {
                id = kNoSubject;
            }
        }
    }
    if (state_.messages == 0) {
        state_.first = state_.last + 1;
    }
    state_.subjects = index_.size();
    state_.deleted = state_.last + 1 - state_.first - state_.messages;
}

}  // namespace signalbox::store
