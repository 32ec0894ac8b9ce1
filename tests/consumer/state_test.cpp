#include "engine/jetstream/consumer/ack.h"
#include "engine/jetstream/consumer/consumer_state.h"
#include "engine/jetstream/consumer/filter_groups.h"
#include "engine/jetstream/consumer/progress_log.h"

#include "tests/support/run_tests.h"

#include <map>
#include <random>
#include <set>

namespace signalbox::jetstream {
namespace {

/// What a consumer's state is, plainly.
struct Model {
    struct Open {
        std::uint64_t consumer_sequence = 0;
        unsigned deliveries = 1;
    };
    std::map<std::uint64_t, Open> open;
    std::uint64_t consumer_sequence = 0;
    std::uint64_t stream_sequence = 0;

    Position floor;

    /// The one that was delivered as `acked` is acked.
    void settle(std::uint64_t acked) {
        if (open.empty()) {
            floor = {consumer_sequence, stream_sequence};
        } else if (acked == floor.consumer_sequence + 1) {
            floor = {open.begin()->second.consumer_sequence - 1, open.begin()->first - 1};
        }
    }
    std::size_t redelivered() const {
        std::size_t count = 0;
        for (auto const& [sequence, one] : open) {
            count += one.deliveries > 1 ? 1 : 0;
        }
        return count;
    }
};

std::uint64_t any_of(std::map<std::uint64_t, Model::Open> const& open, std::mt19937& random) {
    auto at = open.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % open.size()));
    return at->first;
}

void step(ConsumerState& state, Model& model, std::mt19937& random) {
    WallTime const now(base::seconds(1));
    auto const what = random() % 10;
    if (what < 5 || model.open.empty()) {
        model.stream_sequence += 1 + random() % 3;
        model.open[model.stream_sequence] = {.consumer_sequence = ++model.consumer_sequence};
        state.deliver(model.stream_sequence, now);
        return;
    }
    std::uint64_t const one = any_of(model.open, random);
    if (what < 8) {
        std::uint64_t const acked = model.open[one].consumer_sequence;
        model.open.erase(one);
        model.settle(acked);
        QVERIFY(state.ack(one));
        QVERIFY(!state.ack(one));
    } else if (what == 8) {
        ++model.consumer_sequence;
        QCOMPARE(state.redeliver(one, now), ++model.open[one].deliveries);
    } else {
        model.floor = {model.open[one].consumer_sequence, one};
        model.open.erase(model.open.begin(), model.open.upper_bound(one));
        model.settle(model.floor.consumer_sequence);
        state.ack_all(one, [](PendingDelivery const&) {});
    }
}

class CountingReader final : public Reader {
public:
    explicit CountingReader(std::uint64_t next) { set_next(next); }
    void advance(std::uint64_t next) {
        took();
        set_next(next);
    }
    void wait() { wait_for_more(); }
    int woken = 0;

private:
    void wake() override { ++woken; }
};

}  // namespace

/// The bookkeeping of consumers, against plain models.
class ConsumerStateTest : public QObject {
    Q_OBJECT

private slots:
    void it_is_what_a_plain_model_says_and_survives_being_saved() {
        for (unsigned seed = 1; seed <= 50; ++seed) {
            std::mt19937 random(seed);
            ConsumerState state(AckPolicy::Explicit, 1);
            Model model;
            for (int i = 0; i < 400; ++i) {
                step(state, model, random);
                std::string const where = concat("seed ", seed, " step ", i);
                QVERIFY2(state.ack_floor() == model.floor, where.c_str());
                QVERIFY2(state.pending().size() == model.open.size(), where.c_str());
                QVERIFY2(state.redelivered() == model.redelivered(), where.c_str());
                if (i % 50 == 0) {
                    std::string saved;
                    state.save(saved);
                    VarintReader in(saved);
                    Result<ConsumerState> again = ConsumerState::restore(in);
                    QVERIFY(again.ok());
                    QVERIFY(in.at_end());
                    state = std::move(again).value();
                }
            }
        }
    }

    void cut_states_are_refused() {
        ConsumerState state(AckPolicy::Explicit, 1);
        for (std::uint64_t i = 1; i <= 5; ++i) {
            state.deliver(i, WallTime(base::seconds(1)));
        }
        std::string saved;
        state.save(saved);
        for (std::size_t size = 0; size < saved.size(); ++size) {
            VarintReader in(Bytes(saved).substr(0, size));
            QVERIFY(!ConsumerState::restore(in).ok());
        }
    }

    void what_was_given_up_is_open_but_not_pending() {
        ConsumerState state(AckPolicy::Explicit, 1);
        state.deliver(1, WallTime(base::seconds(1)));
        QVERIFY(state.exceed(1));
        QVERIFY(state.is_open(1));
        QCOMPARE(state.ack_floor().stream_sequence, std::uint64_t{0});
        QVERIFY(state.ack(1));
        QVERIFY(!state.is_open(1));
    }

    void progress_is_read_as_it_was_noted() {
        ProgressLog log;
        for (std::uint64_t i = 0; i < 100; ++i) {
            log.note({.kind = Progress::Kind::Delivered,
                      .consumer = 7,
                      .sequence = 10 + i,
                      .consumer_sequence = 1 + i});
        }
        log.note({.kind = Progress::Kind::Acked, .consumer = 7, .sequence = 10});
        log.note({.kind = Progress::Kind::Acked, .consumer = 8, .sequence = 11});
        log.note({.kind = Progress::Kind::Delayed, .consumer = 8, .sequence = 12, .due = 5});
        std::string const bytes = log.take();
        QVERIFY(bytes.size() < 24);
        QVERIFY(log.empty());
        ProgressReader reader(bytes);
        std::optional<Progress> const first = reader.next();
        QCOMPARE(first->count, std::uint64_t{100});
        QCOMPARE(first->sequence, std::uint64_t{10});
        QCOMPARE(reader.next()->consumer, std::uint64_t{7});
        QCOMPARE(reader.next()->consumer, std::uint64_t{8});
        QCOMPARE(reader.next()->due, std::int64_t{5});
        QVERIFY(!reader.next().has_value());
    }

    void groups_count_for_all_readers_of_the_same_filters() {
        FilterGroups groups;
        CountingReader all(1);
        CountingReader one(1);
        CountingReader same(1);
        groups.join(all, {});
        groups.join(one, {"a.*", "b"});
        groups.join(same, {"b", "a.*"});
        QVERIFY(&one.group() == &same.group());
        one.wait();
        auto const store = [&](std::string const& subject) {
            groups.stored(subject::PublishSubject::from_token(subject));
        };
        store("a.1");
        store("c");
        store("b");
        QCOMPARE(all.left(), std::uint64_t{3});
        QCOMPARE(one.left(), std::uint64_t{2});
        QCOMPARE(one.woken, 1);
        QCOMPARE(same.woken, 0);
        one.advance(2);
        groups.removing(1, subject::PublishSubject::from_token("a.1"));
        QCOMPARE(all.left(), std::uint64_t{2});
        QCOMPARE(one.left(), std::uint64_t{1});
        QCOMPARE(same.left(), std::uint64_t{1});
        groups.leave(all);
        groups.leave(one);
        QVERIFY(groups.any_wants(subject::PublishSubject::from_token("b")));
        groups.leave(same);
        QVERIFY(!groups.any_wants(subject::PublishSubject::from_token("b")));
    }

    void acks_are_read_data() {
        QTest::addColumn<QString>("payload");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("delay");
        QTest::addColumn<QString>("rest");
        auto const row = [](char const* payload, AckKind kind, qint64 delay = 0,
                            char const* rest = "") {
            QTest::newRow(payload)
                << QString(payload) << static_cast<int>(kind) << delay << QString(rest);
        };
        row("", AckKind::Ack);
        row("+ACK", AckKind::Ack);
        row("+OK", AckKind::Ack);
        row("-NAK", AckKind::Nak);
        row("-NAK {\"delay\": 50}", AckKind::Nak, 50);
        row("-NAK 5s", AckKind::Nak, 5'000'000'000);
        row("-NAK soon", AckKind::Nak);
        row("-NAK {\"delay\": -1}", AckKind::Nak);
        row("+WPI", AckKind::InProgress);
        row("+WPI?", AckKind::Nonsense);
        row("+TERM", AckKind::Term);
        row("+TERM it is bad", AckKind::Term, 0, "it is bad");
        row("+NXT", AckKind::Next);
        row("+NXT 5", AckKind::Next, 0, "5");
        row("hello", AckKind::Nonsense);
    }
    void acks_are_read() {
        QFETCH(QString, payload);
        QFETCH(int, kind);
        QFETCH(qint64, delay);
        QFETCH(QString, rest);
        std::string const text = payload.toStdString();
        Ack const ack = parse_ack(text);
        QCOMPARE(static_cast<int>(ack.kind), kind);
        QCOMPARE(static_cast<qint64>(ack.delay.value_or(Duration(0)).count()), delay);
        QCOMPARE(QString::fromStdString(std::string(ack.rest)), rest);
    }

    void ack_subjects_come_back_as_they_were_written() {
        AckSubjects const subjects("S", "c");
        DeliveryName const name{.consumer = "c",
                                .delivery_count = 2,
                                .stream_sequence = 345,
                                .consumer_sequence = 6,
                                .time = 1'700'000'000'000'000'000,
                                .pending = 9};
        std::string const text = subjects.text(name);
        QCOMPARE(text, std::string("$JS.ACK.S.c.2.345.6.1700000000000000000.9"));
        std::string const long_text = "$JS.ACK._.HASHHASH." + text.substr(8) + ".rnd";
        for (std::string const& form : {text, long_text}) {
            std::optional<DeliveryName> const read = parse_ack_subject(form);
            QVERIFY(read.has_value());
            QCOMPARE(std::string(read->consumer), std::string("c"));
            QCOMPARE(read->stream_sequence, std::uint64_t{345});
            QCOMPARE(read->pending, std::uint64_t{9});
        }
        for (char const* const wrong :
             {"$JS.ACK.S.c.2.345.6.1", "$JS.ACK.S.c.x.345.6.1.9", "$JS.ACK.S.c.2..6.1.9", "a.b"}) {
            QVERIFY(!parse_ack_subject(wrong).has_value());
        }
    }
};
SIGNALBOX_TEST(ConsumerStateTest);

}  // namespace signalbox::jetstream

#include "state_test.moc"
