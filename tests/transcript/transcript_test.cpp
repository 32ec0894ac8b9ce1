#include "engine/base/text.h"

#include "tests/support/run_tests.h"
#include "tests/transcript/conversation.h"
#include "tests/transcript/peer_stage.h"
#include "tests/transcript/player.h"

#include <filesystem>

namespace signalbox::transcript {

namespace {

std::vector<Conversation> all_conversations() {
    std::vector<std::string> paths;
    for (auto const& entry :
         std::filesystem::directory_iterator(support::source_dir() + "/tests/transcript")) {
        if (entry.path().extension() == ".txt") {
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

}  // namespace

/// The conversations of this folder with a server in a process of its own.
class PeerTranscriptTest : public QObject {
    Q_OBJECT

private slots:
    void a_peer_answers_as_written_data() { add_rows(conversations_); }

    /// `SIGNALBOX_PEER` names the program, such as a nats-server: it shows that the conversations
    /// are true. Without it the test is left out.
    void a_peer_answers_as_written() {
        QByteArray const program = qgetenv("SIGNALBOX_PEER");
        if (program.isEmpty()) {
            QSKIP("SIGNALBOX_PEER names no server");
        }
        QFETCH(int, number);
        Conversation const& conversation = conversations_[static_cast<std::size_t>(number)];
        PeerStage stage(program.toStdString(), conversation.config);
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
