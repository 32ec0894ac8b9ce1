#include "engine/store/segment_compactor.h"

#include "engine/base/byte_reader.h"
#include "engine/store/segment/block.h"

#include <algorithm>
#include <utility>

namespace signalbox::store {
namespace {

bool is_readable(Segment const& segment) {
    return std::ranges::none_of(segment.blocks, &SegmentBlock::damaged);
}

/// About what is left of its file.
std::uint64_t live_bytes(Segment const& segment) {
    std::uint64_t const rows = std::max<std::uint64_t>(segment.table.rows(), 1);
    return segment.file_size * segment.table.live() / rows;
}

}  // namespace

std::vector<std::uint64_t> SegmentCompactor::candidates() const {
    std::vector<std::uint64_t> found;
    std::uint64_t bytes = 0;
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        bytes += live_bytes(*segment);
        bool const fits = segment->wants_compaction() && is_readable(*segment) &&
                          (found.empty() || bytes <= limits_.largest_segment);
        if (fits) {
            found.push_back(segment->number);
        } else if (!found.empty()) {
            break;
        } else {
            bytes = 0;
        }
    }
    return found;
}

void SegmentCompactor::run(std::vector<std::uint64_t> olds, std::uint64_t number, OnDone done) {
    CHECK(!is_running());
    olds_ = std::move(olds);
    done_ = std::move(done);
    old_ = 0;
    block_ = 0;
    segments_.set_aside(std::make_unique<Segment>());
    segments_.aside()->number = number;
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            next_block();
        }
    });
}

void SegmentCompactor::next_block() {
    while (old_ < olds_.size()) {
        Segment const* const old = segments_.numbered(olds_[old_]);
        // One that is gone meanwhile has nothing left.
        if (old == nullptr || block_ == old->blocks.size()) {
            ++old_;
            block_ = 0;
            continue;
        }
        if (old->blocks[block_].live == 0) {
            ++block_;
            continue;
        }
        std::uint64_t const number = old->number;
        std::uint32_t const block = block_++;
        if (old->blocks[block].records != nullptr) {
            copy_block(number, block, *old->blocks[block].records);
            return;
        }
        world_.disk().read_range(
            files_.path_of(number), old->blocks[block].offset, old->blocks[block].stored,
            [this, number, block,
             life = std::weak_ptr<char const>(life_)](Result<std::string> const& stored) {
                if (!life.expired()) {
                    Result<std::string> const records =
                        stored.ok() ? open_block(stored.value(), {limits_.stream, number, block})
                                    : stored;
                    copy_block(number, block, records);
                }
            });
        return;
    }
    finish();
}

void SegmentCompactor::copy_block(std::uint64_t number, std::uint32_t block,
                                  Result<std::string> const& records) {
    Segment* const old = segments_.numbered(number);
    bool const whole =
        records.ok() && (old == nullptr || records.value().size() == old->blocks[block].raw);
    if (!whole && old != nullptr) {
        // Whoever reads it is told; it is left as it is.
        old->blocks[block].damaged = true;
        end(nullptr);
        return;
    }
    if (old != nullptr) {
        SegmentTable::GroupRows rows;
        for (std::uint32_t group = 0; group < old->table.groups(); ++group) {
            if (old->table.block_of(group) != block) {
                continue;
            }
            std::uint32_t const count = old->table.decode(group, rows);
            for (std::uint32_t i = 0; i < count; ++i) {
                if (!old->table.is_deleted({group, i})) {
                    copy_row(*old, rows[i], records.value());
                }
            }
        }
    }
    world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            next_block();
        }
    });
}

void SegmentCompactor::copy_row(Segment const& old, Row const& row, Bytes records) {
    Segment& made = *segments_.aside();
    bool const room = !made.blocks.empty() && made.blocks.back().stored == 0 &&
                      made.blocks.back().records->size() + row.size <= limits_.block_bytes;
    if (!room) {
        close_block();
        made.blocks.push_back(
            {.offset = made.file_size, .records = std::make_shared<std::string>()});
    }
    SegmentBlock& block = made.blocks.back();
    SubjectId const subject = old.subjects[row.subject];
    auto const [own, is_new] =
        made.own_subjects.try_emplace(subject, static_cast<std::uint32_t>(made.subjects.size()));
    if (is_new) {
        made.subjects.push_back(subject);
    }
    Row copy = row;
    copy.block = static_cast<std::uint32_t>(made.blocks.size() - 1);
    copy.offset = static_cast<std::uint32_t>(block.records->size());
    copy.subject = own->second;
    made.table.append(copy);
    block.records->append(records.substr(row.offset, row.size));
    ++block.live;
}

void SegmentCompactor::close_block() {
    Segment& made = *segments_.aside();
    if (made.blocks.empty() || made.blocks.back().stored != 0) {
        return;
    }
    SegmentBlock& block = made.blocks.back();
    block.raw = static_cast<std::uint32_t>(block.records->size());
    block.stored = static_cast<std::uint32_t>(kBlockHeaderSize + block.raw);
    made.file_size += block.stored;
    files_.write_block(made, static_cast<std::uint32_t>(made.blocks.size() - 1));
}

void SegmentCompactor::finish() {
    close_block();
    Segment& made = *segments_.aside();
    made.sealed = true;
    made.own_subjects = {};
    made.table.shrink_to_fit();
    made.subjects.shrink_to_fit();
    // What was removed since it was copied; a subject with nothing left may mean another by now.
    SegmentTable::GroupRows rows;
    std::vector<bool> used(made.subjects.size());
    bool const any_wipe = std::ranges::any_of(olds_, [this](std::uint64_t number) {
        Segment const* const old = segments_.numbered(number);
        return old == nullptr || old->wipe;
    });
    for (std::uint32_t group = 0; group < made.table.groups(); ++group) {
        std::uint32_t const count = made.table.decode(group, rows);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (!segments_.find(rows[i].sequence)) {
                made.table.erase({group, i});
                --made.blocks[rows[i].block].live;
                made.wipe = made.wipe || any_wipe;
            } else {
                used[rows[i].subject] = true;
            }
        }
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        made.subjects[i] = used[i] ? made.subjects[i] : kNoSubject;
    }
    std::string footer = encode_contents(made, index_.table());
    made.footer_offset = made.file_size;
    made.footer_checksum = ByteReader::load<std::uint64_t>(footer.data() + footer.size() - 8);
    made.file_size += footer.size();
    if (!made.table.empty()) {
        files_.write_footer(made, std::move(footer));
    }
    end(segments_.take_aside());
}

void SegmentCompactor::end(std::unique_ptr<Segment> made) {
    std::exchange(done_, nullptr)(std::move(made));
}

}  // namespace signalbox::store
