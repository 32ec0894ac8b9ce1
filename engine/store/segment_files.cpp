#include "engine/store/segment_files.h"

#include "engine/base/text.h"
#include "engine/store/segment/block.h"

#include <utility>

namespace signalbox::store {

std::string SegmentFiles::name_of(std::uint64_t segment) {
    std::string const digits = std::to_string(segment);
    return concat(std::string(digits.size() < 10 ? 10 - digits.size() : 0, '0'), digits,
                  ".segment");
}

void SegmentFiles::make_directory() {
    if (!std::exchange(directory_made_, true)) {
        world_.disk().make_directory(directory_, 0700, [](Result<void> const&) {});
    }
}

void SegmentFiles::write_block(Segment& segment, std::uint32_t number) {
    if (!std::exchange(segment.has_header, true)) {
        make_directory();
        new_files_ = true;
        write(segment.number, 0,
              std::make_shared<std::string>(encode_segment_header(stream_, segment.number)));
    }
    SegmentBlock const& block = segment.blocks[number];
    // The first record's sequence is for who has to put a damaged segment together again.
    Result<StoredMessage> const first = read_record(*block.records, 0);
    write(segment.number, block.offset,
          std::make_shared<std::string>(seal_block(*block.records,
                                                   {stream_, segment.number, number}, block.live,
                                                   first.ok() ? first.value().sequence : 0)));
    segment.dirty = true;
}

void SegmentFiles::write_footer(Segment& segment, std::string footer) {
    write(segment.number, segment.footer_offset, std::make_shared<std::string>(std::move(footer)));
    segment.dirty = true;
}

void SegmentFiles::write(std::uint64_t segment, std::uint64_t offset,
                         world::Disk::Content content) {
    unwritten_[{segment, offset}] = {content};
    world_.disk().write_range(
        path_of(segment), offset, std::move(content),
        [this, segment, offset, life = std::weak_ptr<char const>(life_)](Result<void> const& done) {
            if (!life.expired()) {
                written(segment, offset, done);
            }
        });
}

void SegmentFiles::written(std::uint64_t segment, std::uint64_t offset, Result<void> const& done) {
    Place const place{segment, offset};
    auto const found = unwritten_.find(place);
    if (!done.ok()) {
        if (found != unwritten_.end()) {
            found->second.failed = true;
        }
        if (awaited_.contains(place)) {
            failure_ = done;
        }
    } else if (found != unwritten_.end()) {
        unwritten_.erase(found);
        if (Segment* const written = segments_.numbered(segment)) {
            settle(*written, offset);
        }
    }
    awaited_.erase(place);
    if (waiting_for_writes_ && awaited_.empty()) {
        waiting_for_writes_ = false;
        sync_next();
    }
}

/// The block's bytes need not be held any longer.
void SegmentFiles::settle(Segment& segment, std::uint64_t offset) {
    auto const block = std::ranges::lower_bound(segment.blocks, offset, {}, &SegmentBlock::offset);
    if (block == segment.blocks.end() || block->offset != offset || block->records == nullptr) {
        return;
    }
    block->written = true;
    std::uint32_t const number = static_cast<std::uint32_t>(block - segment.blocks.begin());
    cache_.put({stream_, segment.number, number}, std::move(block->records));
    block->records = nullptr;
}

void SegmentFiles::sync(OnDone done) {
    CHECK(!syncing_);
    syncing_ = std::move(done);
    failure_ = {};
    to_sync_.clear();
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        if (segment->dirty) {
            to_sync_.push_back(segment->number);
        }
    }
    std::vector<std::pair<Place, world::Disk::Content>> again;
    for (auto const& [place, write] : unwritten_) {
        awaited_.insert(place);
        if (write.failed) {
            again.emplace_back(place, write.content);
        }
    }
    for (auto& [place, content] : again) {
        write(place.first, place.second, std::move(content));
    }
    waiting_for_writes_ = !awaited_.empty();
    if (!waiting_for_writes_) {
        world_.turn().defer([this, life = std::weak_ptr<char const>(life_)] {
            if (!life.expired()) {
                sync_next();
            }
        });
    }
}

void SegmentFiles::sync_next() {
    if (!failure_.ok()) {
        finish_sync(failure_);
        return;
    }
    auto const go_on = [this, life = std::weak_ptr<char const>(life_)](Result<void> const& done) {
        if (life.expired()) {
            return;
        }
        // One that is gone meanwhile need not be synced.
        if (!done.ok() && done.error().code() != Errc::NotFound) {
            finish_sync(done);
        } else {
            sync_next();
        }
    };
    if (!to_sync_.empty()) {
        std::uint64_t const number = to_sync_.back();
        to_sync_.pop_back();
        if (Segment* const segment = segments_.numbered(number)) {
            segment->dirty = false;
        }
        world_.disk().sync_file(path_of(number), go_on);
    } else if (std::exchange(new_files_, false)) {
        world_.disk().sync_directory(directory_, go_on);
    } else {
        finish_sync({});
    }
}

void SegmentFiles::finish_sync(Result<void> const& done) {
    OnDone const answer = std::exchange(syncing_, nullptr);
    answer(done);
}

FetchTicket SegmentFiles::fetch(Segment const& segment, std::uint32_t number, OnFetched done) {
    for (auto const& [ticket, fetch] : fetches_) {
        if (fetch.segment == segment.number && fetch.block == number) {
            return {ticket};
        }
    }
    std::uint64_t const ticket = ++last_ticket_;
    fetches_[ticket] = {segment.number, number, {}};
    read(ticket, std::move(done));
    return {ticket};
}

void SegmentFiles::read(std::uint64_t ticket, OnFetched done) {
    Fetch const& fetch = fetches_[ticket];
    Segment const* const segment = segments_.numbered(fetch.segment);
    CHECK(segment != nullptr);
    SegmentBlock const& block = segment->blocks[fetch.block];
    world_.disk().read_range(path_of(fetch.segment), block.offset, block.stored,
                             [this, ticket, done = std::move(done),
                              life = std::weak_ptr<char const>(life_)](Result<std::string> stored) {
                                 if (!life.expired()) {
                                     fetched(ticket, stored, done);
                                 }
                             });
}

void SegmentFiles::fetched(std::uint64_t ticket, Result<std::string> const& stored,
                           OnFetched const& done) {
    Fetch& under_way = fetches_[ticket];
    BlockCache::Key const key{stream_, under_way.segment, under_way.block};
    Result<std::string> records =
        stored.ok() ? open_block(stored.value(), {stream_, key.segment, key.block})
                    : stored.error();
    bool const there = segments_.numbered(key.segment) != nullptr;
    // The way from the disk may be what failed: once more, before the block is given up.
    if (!records.ok() && there && !std::exchange(under_way.again, true)) {
        read(ticket, done);
        return;
    }
    Fetch const fetch = std::move(under_way);
    fetches_.erase(ticket);
    if (records.ok()) {
        cache_.put(key, std::make_shared<std::string>(std::move(records).value()));
        done(fetch.segment, fetch.block, {});
    } else {
        done(fetch.segment, fetch.block, records.error());
    }
    for (std::function<void()> const& resume : fetch.waiting) {
        resume();
    }
}

void SegmentFiles::when_fetched(FetchTicket ticket, std::function<void()> resume) {
    auto const found = fetches_.find(ticket.number);
    if (found != fetches_.end()) {
        found->second.waiting.push_back(std::move(resume));
        return;
    }
    world_.turn().defer([resume = std::move(resume), life = std::weak_ptr<char const>(life_)] {
        if (!life.expired()) {
            resume();
        }
    });
}

void SegmentFiles::forget(std::uint64_t segment) {
    unwritten_.erase(unwritten_.lower_bound({segment, 0}),
                     unwritten_.lower_bound({segment + 1, 0}));
    cache_.forget_segment(stream_, segment);
}

}  // namespace signalbox::store
