#include "engine/observe/subject_ids.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <cstring>

namespace signalbox::observe {

namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::size_t kFirstTable = 16;

bool is_inbox(std::string_view subject) {
    return subject.starts_with("_INBOX.");
}

}  // namespace

SubjectIds::SubjectIds(std::size_t budget)
    : budget_(budget), inbox_budget_(budget / 8), entries_(budget + 1), sets_(kMaxSets) {
    entries_.append();
    entries_.publish();
}

SubjectId SubjectIds::id_for(std::string_view account, std::string_view subject) {
    std::uint32_t const owner = account_index(account);
    std::uint64_t const hash = base::hash_of(subject, owner);
    Table& table = tables_[hash >> 56];
    auto const tag = static_cast<std::uint32_t>(hash);
    if (table.places.empty()) {
        table.places.resize(kFirstTable);
    }
    std::size_t const mask = table.places.size() - 1;
    std::size_t at = tag & mask;
    for (; table.places[at].id != kFolded; at = (at + 1) & mask) {
        if (table.places[at].hash != tag) {
            continue;
        }
        SubjectEntry const& entry = entries_[table.places[at].id];
        if (entry.account == owner && entry.subject() == subject) {
            return table.places[at].id;
        }
    }
    bool const inbox = is_inbox(subject);
    if (entries_.size() > budget_ || (inbox && inboxes_ >= inbox_budget_)) {
        return kFolded;
    }
    inboxes_ += inbox ? 1 : 0;
    SubjectId const id = append(owner, subject);
    table.places[at] = {tag, id};
    if (++table.used * 4 > table.places.size() * 3) {
        grow(table);
    }
    return id;
}

void SubjectIds::subscribed(std::string_view account, std::string_view filter, int change) {
    SubjectId const id = id_for(account, filter);
    if (id == kFolded) {
        return;
    }
    Counter& interest = entries_[id].interest;
    std::int64_t const count = static_cast<std::uint32_t>(interest.get()) + std::int64_t{change};
    std::uint64_t const set = interest.get() >> 32;
    interest.set(set << 32 | static_cast<std::uint32_t>(std::max<std::int64_t>(count, 0)));
}

std::uint32_t SubjectIds::publishers(SubjectId id, std::int64_t now_ms) const {
    SubjectEntry const& entry = entries_[id];
    std::uint64_t const now = stamp_of(0, now_ms);
    std::uint64_t const set = entry.interest.get() >> 32;
    if (set == 0 || set > sets_.published()) {
        return is_fresh(entry.publisher.get(), now) ? 1 : 0;
    }
    return static_cast<std::uint32_t>(std::ranges::count_if(
        sets_[set - 1].stamps, [now](Counter const& stamp) { return is_fresh(stamp.get(), now); }));
}

void SubjectIds::record_publisher(SubjectEntry& entry, std::uint64_t stamp) {
    std::uint64_t const cid = stamp >> kTimeBits;
    if (cid == 0) {
        return;
    }
    std::uint64_t const last = entry.publisher.get();
    entry.publisher.set(stamp);
    std::uint64_t set = entry.interest.get() >> 32;
    if (set == 0) {
        bool const alone = last >> kTimeBits == cid || !is_fresh(last, stamp);
        if (alone || sets_.full()) {
            return;
        }
        sets_.append().stamps[0].set(last);
        sets_.publish();
        set = sets_.size();
        entry.interest.set(set << 32 | entry.subscribers());
    }
    Counter* place = nullptr;
    for (Counter& other : sets_[set - 1].stamps) {
        if (other.get() >> kTimeBits == cid) {
            other.set(stamp);
            return;
        }
        if (place == nullptr && !is_fresh(other.get(), stamp)) {
            place = &other;
        }
    }
    if (place != nullptr) {
        place->set(stamp);
    }
}

std::uint32_t SubjectIds::account_index(std::string_view account) {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i] == account) {
            return static_cast<std::uint32_t>(i);
        }
    }
    accounts_.emplace_back(account);
    return static_cast<std::uint32_t>(accounts_.size() - 1);
}

SubjectId SubjectIds::append(std::uint32_t account, std::string_view subject) {
    SubjectEntry& entry = entries_.append();
    entry.text = keep(subject);
    entry.size = static_cast<std::uint32_t>(subject.size());
    entry.account = account;
    entries_.publish();
    return static_cast<SubjectId>(entries_.size() - 1);
}

char const* SubjectIds::keep(std::string_view text) {
    if (text.size() > block_left_) {
        block_left_ = std::max(kBlockBytes, text.size());
        // Not value-initialised: what is not yet used need not be resident.
        blocks_.emplace_back(new char[block_left_]);
        block_at_ = blocks_.back().get();
    }
    char* const at = block_at_;
    std::memcpy(at, text.data(), text.size());
    block_at_ += text.size();
    block_left_ -= text.size();
    return at;
}

void SubjectIds::grow(Table& table) {
    std::vector<Slot> const old = std::move(table.places);
    table.places = std::vector<Slot>(old.size() * 2);
    std::size_t const mask = table.places.size() - 1;
    for (Slot const& slot : old) {
        if (slot.id == kFolded) {
            continue;
        }
        std::size_t at = slot.hash & mask;
        while (table.places[at].id != kFolded) {
            at = (at + 1) & mask;
        }
        table.places[at] = slot;
    }
}

}  // namespace signalbox::observe
