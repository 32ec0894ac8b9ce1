#include "engine/monitor/subsz.h"

#include "engine/base/json_writer.h"
#include "engine/monitor/subscription_json.h"
#include "engine/subject/subject.h"

#include <utility>

namespace signalbox::monitor {
namespace {

/// Parts of the document end after so many bytes.
constexpr std::size_t kPartBytes = 65'536;

/// The subscriptions of one page, and how many there are to page through.
struct Selection {
    std::vector<SubscriptionFacts> page;
    std::uint64_t total = 0;
};

Selection select(MonitorSource const& source, SubszOptions const& options,
                 std::uint64_t subscriptions) {
    Selection selection;
    auto const begin = static_cast<std::uint64_t>(options.paging.offset);
    auto const limit = static_cast<std::uint64_t>(options.paging.limit);
    auto const tested = subject::PublishSubject::from_token(options.test);
    source.visit_subscriptions(options.account, [&](SubscriptionFacts const& subscription) {
        if (!options.test.empty()) {
            auto const filter = subject::Filter::parse(subscription.subject);
            if (!filter.ok() || !filter.value().matches(tested)) {
                return true;
            }
        }
        if (selection.total >= begin && selection.page.size() < limit) {
            selection.page.push_back(subscription);
        }
        ++selection.total;
        // Without a test the total is known, and nothing is gained by walking on.
        return !options.test.empty() || selection.page.size() < limit;
    });
    if (options.test.empty()) {
        selection.total = subscriptions;
    }
    return selection;
}

class SubszDocument : public Document {
public:
    SubszDocument(MonitorSource const& source, SubszOptions const& options, WallTime now,
                  Layout layout)
        : json_(indent_of(layout)) {
        InterestFacts const facts = source.interest(options.account);
        if (options.list) {
            selection_ = select(source, options, facts.subscriptions);
        }
        json_.begin_object();
        json_.field("server_id", source.server().id).field("now", now);
        json_.field("num_subscriptions", facts.subscriptions).field("num_cache", facts.cached);
        json_.field("num_inserts", facts.inserts).field("num_removes", facts.removes);
        json_.field("num_matches", facts.matches);
        json_.field("cache_hit_rate", facts.matches == 0 ? 0.0
                                                         : static_cast<double>(facts.cache_hits) /
                                                               static_cast<double>(facts.matches));
        FanoutFacts const fanout = source.fanout(options.account);
        json_.field("max_fanout", fanout.max).field("avg_fanout", fanout.average);
        json_.field("total", selection_.total);
        json_.field("offset", options.paging.offset).field("limit", options.paging.limit);
        if (!selection_.page.empty()) {
            json_.key("subscriptions_list").begin_array();
        }
    }

    bool append_part(std::string& out) override {
        while (next_ < selection_.page.size() && json_.text().size() < kPartBytes) {
            write_subscription(json_, selection_.page[next_], ShowAccount::Yes);
            ++next_;
        }
        bool const more = next_ < selection_.page.size();
        if (!more) {
            if (!selection_.page.empty()) {
                json_.end_array();
            }
            json_.end_object();
        }
        out += json_.take();
        return more;
    }

private:
    Selection selection_;
    std::size_t next_ = 0;
    JsonWriter json_;
};

}  // namespace

Result<SubszOptions> SubszOptions::read(Query const& query) {
    SubszOptions options;
    options.list = TRY(query.boolean("subs"));
    options.paging = TRY(Paging::read(query));
    options.account = query.text("acc");
    options.test = query.text("test");
    TRY(options.check());
    return options;
}

SubszOptions SubszOptions::read(RequestFields& fields) {
    SubszOptions options;
    options.list = fields.boolean("subscriptions");
    options.paging = Paging::read(fields);
    options.account = fields.text("account");
    options.test = fields.text("test");
    return options;
}

Result<void> SubszOptions::check() const {
    if (!test.empty() && !subject::Subject::parse(test).ok()) {
        return Error(Errc::InvalidArgument,
                     concat("invalid test subject, must be valid publish subject: ", test));
    }
    return {};
}

Answer subsz(MonitorSource const& source, SubszOptions const& options, WallTime now,
             Layout layout) {
    return answer_in_parts(std::make_unique<SubszDocument>(source, options, now, layout));
}

}  // namespace signalbox::monitor
