#include "engine/base/text.h"

#include "tests/support/run_tests.h"
#include "tests/transcript/conversation.h"
#include "tests/transcript/peer_stage.h"
#include "tests/transcript/player.h"
#include "tests/transcript/sim_stage.h"

#include <filesystem>

namespace signalbox::transcript {

namespace {

std::vector<Conversation> all_conversations() {
    std::vector<std::string> paths;
    for (auto const& entry :
         std::filesystem::directory_iterator(support::source_dir() + "/tests/transcript")) {
        if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists") {
            paths.push_back(entry.path().string());
        }
    }
    std::ranges::sort(paths);
    std::vector<Conversation> all;
    for (std::string const& path : paths) {
        std::ranges::move(read_conversations(path), std::back_inserter(all));
    }
    return all;
}

void add_rows(std::vector<Conversation> const& conversations) {
    QTest::addColumn<int>("number");
    int number = 0;
    for (Conversation const& conversation : conversations) {
        QTest::newRow(concat(conversation.file, ": ", conversation.title).c_str()) << number++;
    }
}

/// Plays the conversation with our server; answers what went other than written.
std::string played(Conversation const& conversation, Cut cut, sim::LinkProfile const& profile) {
    SimStage stage(conversation.config, profile);
    if (!stage.failure().empty()) {
        return stage.failure();
    }
    std::string const failure = Player(stage, conversation, cut).play();
    return failure.empty() ? failure : concat(failure, "\n", stage.log());
}

/// Cuts past this add nothing: the longer lines are one word many times.
constexpr std::size_t kLastCut = 100;

std::size_t longest_line(Conversation const& conversation) {
    std::size_t longest = 0;
    for (Step const& step : conversation.steps) {
        if (step.kind == StepKind::Send || step.kind == StepKind::SendRaw) {
            longest = std::max(longest, step.text.size() + 2);
        }
    }
    return std::min(longest, kLastCut);
}

}  // namespace

/// The conversations of this folder with our server, in virtual time.
class TranscriptTest : public QObject {
    Q_OBJECT

private slots:
    void the_server_answers_as_written_data() { add_rows(conversations_); }

    void the_server_answers_as_written() { QCOMPARE(played(row(), {}, {}), std::string()); }

    void lines_may_come_together_data() { add_rows(conversations_); }

    void lines_may_come_together() {
        QCOMPARE(played(row(), {.together = true}, {}), std::string());
    }

    void lines_may_be_cut_at_any_byte_data() { add_rows(conversations_); }

    void lines_may_be_cut_at_any_byte() {
        Conversation const& conversation = row();
        for (std::size_t at = 1; at < longest_line(conversation); ++at) {
            QCOMPARE(played(conversation, {.at = at}, {}), std::string());
        }
    }

    void bytes_may_come_one_by_one_data() { add_rows(conversations_); }

    void bytes_may_come_one_by_one() {
        QCOMPARE(played(row(), {.together = true}, {.largest_piece = 1}), std::string());
    }

private:
    Conversation const& row() const {
        QFETCH(int, number);
        return conversations_[static_cast<std::size_t>(number)];
    }

    std::vector<Conversation> const conversations_ = all_conversations();
};

SIGNALBOX_TEST(TranscriptTest);

/// The conversations of this folder with a server in a process of its own.
class PeerTranscriptTest : public QObject {
    Q_OBJECT

private slots:
    /// `SIGNALBOX_PEER` names the program, such as a nats-server: it shows that the conversations
    /// are true. Without it the test is left out.
    void a_peer_answers_as_written_data() {
        if (qEnvironmentVariableIsEmpty("SIGNALBOX_PEER")) {
            QSKIP("SIGNALBOX_PEER names no server");
        }
        add_rows(conversations_);
    }

    void a_peer_answers_as_written() {
        std::string const program = qgetenv("SIGNALBOX_PEER").toStdString();
        QFETCH(int, number);
        Conversation const& conversation = conversations_[static_cast<std::size_t>(number)];
        PeerStage stage(program, conversation.config);
        if (!stage.started() && conversation.may_be_refused) {
            QSKIP("the server is older than the configuration");
        }
        QVERIFY(stage.started());
        // In one piece, for a reference server repeats a complaint when a message comes in two.
        QCOMPARE(Player(stage, conversation, {.together = true}).play(), std::string());
    }

private:
    std::vector<Conversation> const conversations_ = all_conversations();
};

SIGNALBOX_TEST(PeerTranscriptTest);

}  // namespace signalbox::transcript

#include "transcript_test.moc"
