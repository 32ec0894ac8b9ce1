#include "engine/jetstream/stream/message_reader.h"

#include "engine/subject/subject.h"

#include <utility>
#include <variant>

namespace signalbox::jetstream {

using store::Load;
using subject::Filter;

Result<Load> MessageReader::look(MessageQuery const& query) {
    if (!query.last_on.empty()) {
        auto const filter = Filter::parse(query.last_on);
        if (!filter.ok()) {
            return Load(store::NotFound{});
        }
        return filter.value().has_wildcard()
                   ? store_.load_previous(store::Filters(&filter.value(), 1), store::kLastSequence)
                   : store_.load_last(query.last_on);
    }
    std::uint64_t from = query.sequence;
    if (query.start_time) {
        from = store_.first_not_before(*query.start_time);
    }
    if (!query.next_on.empty()) {
        auto const filter = Filter::parse(query.next_on);
        return filter.ok() ? store_.load_next(store::Filters(&filter.value(), 1), from)
                           : Result<Load>(Load(store::NotFound{}));
    }
    return query.start_time ? store_.load_next({}, from) : store_.load(from);
}

void MessageReader::read(MessageQuery const& query, OnRead done) {
    attempt([this, query] { return look(query); }, std::move(done));
}

void MessageReader::next(std::shared_ptr<std::string const> filter, std::uint64_t from,
                         OnRead done) {
    attempt(
        [this, filter = std::move(filter), from]() -> Result<Load> {
            if (filter->empty()) {
                return store_.load_next({}, from);
            }
            Filter const wanted = Filter::from_checked(*filter);
            return store_.load_next(store::Filters(&wanted, 1), from);
        },
        std::move(done));
}

void MessageReader::attempt(Attempt attempt_once, OnRead done) {
    Result<Load> const load = attempt_once();
    if (!load.ok()) {
        done(nullptr, api_error(ApiErrc::StreamStoreFailed, load.error().detail()));
        return;
    }
    if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
        store_.when_fetched(fetching->ticket,
                            [this, life = std::weak_ptr<char const>(life_),
                             again = std::move(attempt_once), done = std::move(done)] {
                                if (!life.expired()) {
                                    attempt(again, done);
                                }
                            });
        return;
    }
    auto const* found = std::get_if<store::Found>(&load.value());
    if (found == nullptr) {
        done(nullptr, api_error(ApiErrc::NoMessageFound));
    } else {
        done(&found->message, std::nullopt);
    }
}

}  // namespace signalbox::jetstream
