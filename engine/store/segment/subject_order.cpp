#include "engine/store/segment/subject_order.h"

#include <algorithm>

namespace signalbox::store {
namespace {

/// What every subject that the filter matches begins with.
std::string_view prefix_of(std::string_view filter) {
    std::size_t token = 0;
    while (true) {
        std::size_t const dot = filter.find('.', token);
        std::string_view const text = filter.substr(token, dot - token);
        if (text == "*" || text == ">") {
            return filter.substr(0, token);
        }
        if (dot == std::string_view::npos) {
            return filter;
        }
        token = dot + 1;
    }
}

std::size_t shared_prefix(std::string_view a, std::string_view b) {
    std::size_t size = 0;
    while (size < a.size() && size < b.size() && a[size] == b[size]) {
        ++size;
    }
    return size;
}

}  // namespace

void SubjectOrder::removed(SubjectId id) {
    table_.remove(id);
    if (!built_) {
        table_.free(id);
        return;
    }
    gone_.push_back(id);
    if (gone_.size() > 1024 + table_.size() / 2) {
        forget_gone();
    }
}

void SubjectOrder::forget_gone() {
    auto const is_gone = [&](SubjectId id) { return !table_.is_used(id); };
    std::erase_if(large_, is_gone);
    std::erase_if(small_, is_gone);
    std::erase_if(recent_, is_gone);
    for (SubjectId const id : gone_) {
        table_.free(id);
    }
    gone_.clear();
}

void SubjectOrder::merge_into(Run& run, Run& more) {
    auto const before = [this](SubjectId a, SubjectId b) { return less(a, b); };
    std::size_t const middle = run.size();
    run.insert(run.end(), more.begin(), more.end());
    std::inplace_merge(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(middle), run.end(),
                       before);
    more.clear();
}

/// Sorts by the eight bytes behind what all have in common, which settles nearly all comparisons
/// without a look at the texts.
void SubjectOrder::build() {
    std::vector<std::pair<std::uint64_t, SubjectId>> keyed;
    keyed.reserve(table_.size());
    std::string_view common;
    for (SubjectId id = 0; id < table_.ids(); ++id) {
        if (table_.is_used(id)) {
            std::string_view const text = table_.text(id);
            common = keyed.empty() ? text : common.substr(0, shared_prefix(common, text));
            keyed.emplace_back(0, id);
        }
    }
    for (auto& [key, id] : keyed) {
        std::string_view const rest = table_.text(id).substr(common.size());
        for (std::size_t i = 0; i < 8; ++i) {
            key = (key << 8) | (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U);
        }
    }
    std::ranges::sort(keyed, [this](auto const& a, auto const& b) {
        return a.first != b.first ? a.first < b.first : less(a.second, b.second);
    });
    large_.reserve(keyed.size());
    for (auto const& [key, id] : keyed) {
        large_.push_back(id);
    }
}

void SubjectOrder::bring_up() {
    if (!built_) {
        built_ = true;
        build();
    }
    if (!recent_.empty()) {
        std::ranges::sort(recent_, [this](SubjectId a, SubjectId b) { return less(a, b); });
        merge_into(small_, recent_);
    }
    if (small_.size() > 1024 + large_.size() / 16) {
        merge_into(large_, small_);
    }
}

void SubjectOrder::visit(subject::Filter filter, std::function<bool(SubjectId)> const& visit) {
    bring_up();
    std::string_view const prefix = prefix_of(filter.text());
    auto const begin_of = [&](Run const& run) {
        return std::ranges::lower_bound(run, prefix, {},
                                        [&](SubjectId id) { return table_.text(id); });
    };
    auto const in_range = [&](Run const& run, Run::const_iterator at) {
        return at != run.end() && table_.text(*at).starts_with(prefix);
    };
    Run::const_iterator a = begin_of(large_);
    Run::const_iterator b = begin_of(small_);
    while (true) {
        bool const has_a = in_range(large_, a);
        bool const has_b = in_range(small_, b);
        if (!has_a && !has_b) {
            return;
        }
        SubjectId const id = has_a && (!has_b || less(*a, *b)) ? *a++ : *b++;
        if (table_.is_used(id) &&
            filter.matches(subject::PublishSubject::from_token(table_.text(id))) && !visit(id)) {
            return;
        }
    }
}

void SubjectOrder::clear() {
    large_.clear();
    small_.clear();
    recent_.clear();
    gone_.clear();
    built_ = false;
}

}  // namespace signalbox::store
