#include "tests/consumer/consumer_stage.h"
#include "tests/support/run_tests.h"

#include <map>
#include <random>
#include <set>

namespace signalbox::jetstream {
namespace {

/// Two consumers of a stream to which random things happen, and what is plainly true of them.
class Run {
public:
    explicit Run(unsigned seed) : random_(seed) {
        for (char const* const name : {"c", "f"}) {
            ConsumerConfig config = durable(name);
            config.acks.wait = base::seconds(5);
            config.acks.max_pending = 8;
            if (std::string(name) == "f") {
                config.filter_subjects = {"a.*", "b"};
            }
            stage_.create(config);
        }
        listen();
    }

    void step() {
        switch (pick(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                store();
                break;
            case 4:
                erase();
                break;
            case 5:
            case 6:
                stage_.pull(concat("{\"batch\":", 1 + pick(5), ",\"expires\":1000000000}"), "inbox",
                            pick(2) == 0 ? "c" : "f");
                break;
            case 7:
            case 8:
                answer("+ACK");
                break;
            case 9:
                answer("-NAK");
                break;
            case 10:
                stage_.wait(base::milliseconds(1 + pick(3'000)));
                break;
            default:
                if (pick(5) == 0) {
                    stage_.restart();
                }
                break;
        }
        take();
    }

    /// Empty: all is as it should be.
    std::string fault() {
        for (char const* const name : {"c", "f"}) {
            Consumer& consumer = stage_.consumer(name);
            std::uint64_t left = 0;
            for (auto const& [sequence, subject] : stored_) {
                left += sequence >= consumer.next() && wants(name, subject) ? 1 : 0;
            }
            if (consumer.left() != left) {
                return concat(name, " says ", consumer.left(), " are left, not ", left);
            }
            if (consumer.state().pending().size() > 8) {
                return concat(name, " has too many unacked");
            }
        }
        return fault_;
    }

    /// Everything is delivered and acked in the end.
    std::string drain() {
        for (int round = 0; round < 200; ++round) {
            for (char const* const name : {"c", "f"}) {
                stage_.pull("{\"batch\":10,\"expires\":100000000}", "inbox", name);
            }
            stage_.wait(base::milliseconds(300));
            take();
            while (!unanswered_.empty()) {
                stage_.say(unanswered_.back(), "+ACK");
                unanswered_.pop_back();
                take();
            }
        }
        for (char const* const name : {"c", "f"}) {
            Consumer& consumer = stage_.consumer(name);
            if (consumer.left() != 0 || !consumer.state().pending().empty()) {
                return concat(name, " did not end");
            }
            for (auto const& [sequence, subject] : stored_) {
                if (wants(name, subject) && !delivered_[name].contains(sequence)) {
                    return concat(name, " never got ", sequence);
                }
            }
        }
        return fault_;
    }

private:
    unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    static bool wants(std::string const& name, std::string const& subject) {
        return name == "c" || subject != "c";
    }

    void listen() { stage_.listen("inbox"); }

    void store() {
        std::string const subject = std::vector<std::string>{"a.1", "a.2", "b", "c"}[pick(4)];
        stage_.do_now([&] { stored_[stage_.stream->add(subject, "x")] = subject; });
    }

    void erase() {
        if (stored_.empty()) {
            return;
        }
        auto at = stored_.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(pick(static_cast<unsigned>(stored_.size()))));
        stage_.do_now([&] { stage_.stream->erase(at->first); });
        stored_.erase(at);
    }

    void answer(char const* what) {
        if (unanswered_.empty()) {
            return;
        }
        std::size_t const which = pick(static_cast<unsigned>(unanswered_.size()));
        stage_.say(unanswered_[which], what);
        unanswered_.erase(unanswered_.begin() + static_cast<std::ptrdiff_t>(which));
    }

    void take() {
        for (dispatch::ReceivedMessage const& message : stage_.take()) {
            if (message.reply.empty()) {
                continue;
            }
            DeliveryName const name = *parse_ack_subject(message.reply);
            std::string const consumer(name.consumer);
            delivered_[consumer].insert(name.stream_sequence);
            unanswered_.push_back(message.reply);
            if (!wants(consumer, message.subject)) {
                fault_ = concat(consumer, " got ", message.subject);
            }
        }
    }

    std::mt19937 random_;
    ConsumerStage stage_;
    std::map<std::uint64_t, std::string> stored_;
    std::map<std::string, std::set<std::uint64_t>> delivered_;
    std::vector<std::string> unanswered_;
    std::string fault_;
};

}  // namespace

/// Whatever happens, each message comes at least once, and what is left is counted right.
class DeliveryModelTest : public QObject {
    Q_OBJECT

private slots:
    void random_runs_lose_nothing() {
        for (unsigned seed = 1; seed <= 30; ++seed) {
            Run run(seed);
            for (int i = 0; i < 300; ++i) {
                run.step();
                std::string const fault = run.fault();
                QVERIFY2(fault.empty(), concat("seed ", seed, " step ", i, ": ", fault).c_str());
            }
            std::string const fault = run.drain();
            QVERIFY2(fault.empty(), concat("seed ", seed, ": ", fault).c_str());
        }
    }
};
SIGNALBOX_TEST(DeliveryModelTest);

}  // namespace signalbox::jetstream

#include "delivery_model_test.moc"
