#include "engine/observe/top_list.h"

#include <algorithm>

namespace signalbox::observe {

namespace {

struct Candidate {
    std::uint32_t msgs = 0;
    std::uint32_t bytes = 0;
    SubjectId id = kFolded;
};

bool busier(Candidate const& a, Candidate const& b) {
    return a.msgs != b.msgs ? a.msgs > b.msgs : a.id < b.id;
}

}  // namespace

void TopList::look(SubjectIds const& ids, double seconds) {
    elapsed_ += seconds;
    if (started_ && elapsed_ < kInterval) {
        return;
    }
    std::size_t const count = ids.count();
    seen_.resize(count);
    std::vector<Candidate> top;  // a heap with the least busy first
    for (std::size_t i = 1; i < count; ++i) {
        auto const id = static_cast<SubjectId>(i);
        SubjectEntry const& entry = ids.entry(id);
        Seen const now{static_cast<std::uint32_t>(entry.msgs.get()),
                       static_cast<std::uint32_t>(entry.bytes.get())};
        // Unsigned differences are right across a wrap.
        Candidate const one{now.msgs - seen_[i].msgs, now.bytes - seen_[i].bytes, id};
        seen_[i] = now;
        if (one.msgs == 0 || (top.size() == kRows && !busier(one, top.front()))) {
            continue;
        }
        if (top.size() == kRows) {
            std::ranges::pop_heap(top, busier);
            top.pop_back();
        }
        top.push_back(one);
        std::ranges::push_heap(top, busier);
    }
    rows_.clear();
    // What was counted before the first look, or over a long pause, says nothing about now.
    if (started_ && elapsed_ <= 2 * kInterval) {
        std::ranges::sort(top, busier);
        for (Candidate const& one : top) {
            rows_.push_back({std::string(ids.entry(one.id).subject()), one.msgs / elapsed_,
                             one.bytes / elapsed_});
        }
    }
    started_ = true;
    elapsed_ = 0;
}

}  // namespace signalbox::observe
