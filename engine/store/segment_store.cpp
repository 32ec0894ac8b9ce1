#include "engine/store/segment_store.h"

#include "engine/base/byte_reader.h"
#include "engine/base/text.h"
#include "engine/store/segment/block.h"

#include <algorithm>
#include <utility>

namespace signalbox::store {

SegmentStore::SegmentStore(World& world, Logger& log, BlockCache& cache,
                           SegmentStoreOptions options)
    : world_(world),
      log_(log),
      cache_(cache),
      options_(std::move(options)),
      files_(world, cache, segments_, options_.directory, options_.stream),
      compactor_(world, segments_, files_, index_,
                 {.stream = options_.stream,
                  .block_bytes = options_.block_bytes,
                  .largest_segment = options_.largest_segment}) {}

SegmentStore::~SegmentStore() {
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        cache_.forget_segment(options_.stream, segment->number);
    }
}

Result<void> SegmentStore::append(StoredMessage const& message) {
    if (message.sequence <= state_.last) {
        return Error(Errc::InvalidArgument, "the sequence was used before");
    }
    if (message.subject.size() > TextArena::kLongest) {
        return Error(Errc::InvalidArgument, "the subject is too long");
    }
    std::size_t const size =
        kRecordOverhead + message.subject.size() + message.headers.size() + message.payload.size();
    Segment& segment = segment_to_append_to(size);
    SubjectId const subject = index_.id_of(message.subject);
    auto const [own, is_new] = segment.own_subjects.try_emplace(
        subject, static_cast<std::uint32_t>(segment.subjects.size()));
    if (is_new) {
        segment.subjects.push_back(subject);
    }
    SegmentBlock& block = segment.blocks.back();
    Row const row{.sequence = message.sequence,
                  .time = message.time.since_epoch().count(),
                  .block = static_cast<std::uint32_t>(segment.blocks.size() - 1),
                  .offset = static_cast<std::uint32_t>(block.records->size()),
                  .size = static_cast<std::uint32_t>(size),
                  .has_headers = !message.headers.empty(),
                  .subject = own->second,
                  .previous = index_.add(subject, message.sequence)};
    append_record(*block.records, message, options_.stream);
    ++block.live;
    segment.table.append(row);
    if (state_.messages++ == 0) {
        state_.first = message.sequence;
        state_.first_time = message.time;
    }
    state_.bytes += counted(row);
    state_.last = message.sequence;
    state_.last_time = message.time;
    state_.subjects = index_.size();
    state_.deleted = state_.last + 1 - state_.first - state_.messages;
    dirty_ = true;
    return {};
}

/// The open segment, with an open block that has room.
Segment& SegmentStore::segment_to_append_to(std::size_t size) {
    Segment* segment = segments_.open_one();
    if (segment != nullptr && !segment->blocks.empty() &&
        segment->blocks.back().records != nullptr && !segment->blocks.back().written) {
        std::size_t const used = segment->blocks.back().records->size();
        bool const open = segment->blocks.back().stored == 0;
        if (open && (used == 0 || used + size <= options_.block_bytes)) {
            return *segment;
        }
        if (open) {
            close_block(*segment);
        }
    }
    // Small streams have small segments, so that little stays of what is old; a segment has an
    // eighth of the stream.
    std::uint64_t const limit =
        std::clamp(state_.bytes / 8, options_.smallest_segment, options_.largest_segment);
    if (segment != nullptr && segment->file_size >= limit) {
        seal(*segment);
        segment = nullptr;
    }
    if (segment == nullptr) {
        segments_.all().push_back(std::make_unique<Segment>());
        segment = segments_.all().back().get();
        segment->number = next_segment_++;
    }
    segment->blocks.push_back(
        {.offset = segment->file_size, .records = std::make_shared<std::string>()});
    segment->blocks.back().records->reserve(std::max(options_.block_bytes, size));
    return *segment;
}

void SegmentStore::close_block(Segment& segment) {
    SegmentBlock& block = segment.blocks.back();
    block.raw = static_cast<std::uint32_t>(block.records->size());
    block.stored = static_cast<std::uint32_t>(kBlockHeaderSize + block.raw);
    segment.file_size += block.stored;
    block.records->shrink_to_fit();
    if (options_.medium == Medium::File) {
        files_.write_block(segment, static_cast<std::uint32_t>(segment.blocks.size() - 1));
    } else if (block.live == 0) {
        block.records = nullptr;
    }
}

void SegmentStore::seal(Segment& segment) {
    segment.sealed = true;
    segment.own_subjects = {};
    segment.table.shrink_to_fit();
    segment.subjects.shrink_to_fit();
    if (options_.medium == Medium::File) {
        std::string footer = encode_contents(segment, index_.table());
        segment.footer_offset = segment.file_size;
        segment.footer_checksum =
            ByteReader::load<std::uint64_t>(footer.data() + footer.size() - 8);
        segment.file_size += footer.size();
        files_.write_footer(segment, std::move(footer));
    }
}

void SegmentStore::skip(Sequence last) {
    if (last <= state_.last) {
        return;
    }
    state_.last = last;
    if (state_.messages == 0) {
        state_.first = last + 1;
    }
    state_.deleted = state_.last + 1 - state_.first - state_.messages;
    dirty_ = true;
}

std::uint64_t SegmentStore::counted(Row const& row) const {
    std::uint64_t const bytes = row.size - kRecordOverhead;
    if (options_.medium == Medium::Memory) {
        return bytes + 16;
    }
    return bytes + 30 + (row.has_headers ? 4 : 0);
}

/// All but what depends on which message is the first now.
void SegmentStore::remove_row(Spot const& spot) {
    Segment& segment = *spot.segment;
    segment.table.erase(spot.at);
    SubjectId const subject = spot.subject();
    SegmentBlock& block = segment.blocks[spot.row.block];
    if (--block.live == 0 && options_.medium == Medium::Memory && block.stored != 0) {
        block.records = nullptr;
    }
    --state_.messages;
    state_.bytes -= counted(spot.row);
    if (index_.remove(subject, spot.row)) {
        if (Segment* const open = segments_.open_one()) {
            auto const own = open->own_subjects.find(subject);
            if (own != open->own_subjects.end()) {
                open->subjects[own->second] = kNoSubject;
                open->own_subjects.erase(own);
            }
        }
    }
}

/// Where the bytes are in memory alone, they go at once. A file is not written to in place, for a
/// power cut would take other messages with it: what is left of the segment moves to another file,
/// and the old one is overwritten before it is removed.
void SegmentStore::overwrite(Spot const& spot) {
    Segment& segment = *spot.segment;
    SegmentBlock& block = segment.blocks[spot.row.block];
    bool const in_memory = options_.medium == Medium::Memory || block.stored == 0;
    if (in_memory) {
        if (block.records != nullptr) {
            wipe_record(*block.records, spot.row.offset);
        }
        return;
    }
    cache_.forget({options_.stream, segment.number, spot.row.block});
    segment.wipe = true;
    if (!segment.sealed) {
        if (segment.blocks.back().stored == 0) {
            close_block(segment);
        }
        seal(segment);
    }
}

Result<bool> SegmentStore::erase(Sequence sequence, EraseMode mode) {
    std::optional<Spot> const spot = segments_.find(sequence);
    if (!spot) {
        return false;
    }
    if (mode == EraseMode::Overwrite) {
        overwrite(*spot);
    }
    remove_row(*spot);
    update_first(sequence + 1);
    Segment const& segment = *spot->segment;
    if (segment.sealed && segment.table.live() == 0) {
        drop_empty_segments();
    } else if (segment.wants_compaction()) {
        consider_compaction();
    }
    dirty_ = true;
    return true;
}

/// A segment with little left in it keeps its whole file: what is left moves to a new one.
void SegmentStore::consider_compaction() {
    if (options_.medium == Medium::Memory || compactor_.is_running()) {
        return;
    }
    std::vector<std::uint64_t> olds = compactor_.candidates();
    if (!olds.empty()) {
        compactor_.run(std::move(olds), next_segment_++,
                       [this](std::unique_ptr<Segment> made) { take_compacted(std::move(made)); });
    }
}

void SegmentStore::take_compacted(std::unique_ptr<Segment> made) {
    if (made == nullptr) {
        // What was written of it is of no use.
        std::unique_ptr<Segment> const begun = segments_.take_aside();
        forget(*begun);
        return;
    }
    SegmentList::Segments& all = segments_.all();
    auto const is_old = [&](std::unique_ptr<Segment> const& segment) {
        return std::ranges::find(compactor_.olds(), segment->number) != compactor_.olds().end();
    };
    auto const place = std::ranges::find_if(all, is_old) - all.begin();
    std::erase_if(all, [&](std::unique_ptr<Segment> const& segment) {
        bool const old = is_old(segment);
        if (old) {
            forget(*segment);
        }
        return old;
    });
    if (made->table.live() == 0) {
        forget(*made);
    } else {
        all.insert(all.begin() + place, std::move(made));
    }
    dirty_ = true;
    consider_compaction();
}

Result<void> SegmentStore::compact(Sequence first) {
    dirty_ = true;
    if (first > state_.last) {
        for (std::unique_ptr<Segment> const& segment : segments_.all()) {
            forget(*segment);
        }
        segments_.all().clear();
        index_.clear();
        state_.messages = 0;
        state_.bytes = 0;
        state_.last = first - 1;
        update_first(first);
        return {};
    }
    segments_.forward(0, [&](Spot const& spot) {
        if (spot.row.sequence < first) {
            remove_row(spot);
        }
        return spot.row.sequence < first;
    });
    update_first(first);
    drop_empty_segments();
    consider_compaction();
    return {};
}

/// `from`: no message before it is left, if the first one is not.
void SegmentStore::update_first(Sequence from) {
    if (state_.messages == 0) {
        state_.first = state_.last + 1;
        state_.first_time = WallTime();
    } else if (from > state_.first) {
        segments_.forward(state_.first, [&](Spot const& spot) {
            state_.first = spot.row.sequence;
            state_.first_time = WallTime(Duration(spot.row.time));
            return false;
        });
    }
    state_.subjects = index_.size();
    state_.deleted = state_.last + 1 - state_.first - state_.messages;
}

void SegmentStore::forget(Segment& segment) {
    files_.forget(segment.number);
    if (segment.has_header) {
        retired_.push_back(concat(segment.wipe ? kWipe : std::string_view(),
                                  SegmentFiles::name_of(segment.number)));
    }
}

void SegmentStore::drop_empty_segments() {
    std::erase_if(segments_.all(), [&](std::unique_ptr<Segment> const& segment) {
        bool const empty = segment->sealed && segment->table.live() == 0;
        if (empty) {
            forget(*segment);
        }
        return empty;
    });
}

std::uint64_t SegmentStore::memory() const {
    std::uint64_t bytes = index_.memory();
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        bytes += sizeof(Segment) + segment->table.memory() +
                 segment->blocks.capacity() * sizeof(SegmentBlock) +
                 segment->subjects.capacity() * sizeof(SubjectId) +
                 segment->own_subjects.size() * 32;
    }
    return bytes;
}

}  // namespace signalbox::store
