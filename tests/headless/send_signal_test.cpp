#include "headless/send_signal.h"

#include "headless/service_notify.h"
#include "headless/signals.h"

#include "tests/support/run_tests.h"

#include <QTemporaryDir>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <string>
#include <vector>

using namespace signalbox;
using namespace signalbox::headless;

namespace {

/// Processes that exist only here, and what was sent to them.
class Told : public Processes {
public:
    explicit Told(std::vector<int> pids) : pids_(std::move(pids)) {}

    Result<std::vector<int>> running(std::string const&) override { return pids_; }
    Result<void> send(int pid, int signal) override {
        if (pid == 99) {
            return Error(Errc::Io, "no such process");
        }
        sent.emplace_back(pid, signal);
        return {};
    }
    std::string read_pid_file(std::string const& path, bool& exists) override {
        exists = path == "/pid" || path == "/newline";
        return path == "/pid" ? "12" : "12\n";
    }

    std::vector<std::pair<int, int>> sent;

private:
    std::vector<int> pids_;
};

using Sent = std::vector<std::pair<int, int>>;

std::string failure(std::vector<int> const& pids, std::string const& command,
                    std::string const& target) {
    Told told(pids);
    Result<void> const result = send_signal({command, target}, "signalboxd", told);
    return result.ok() ? "" : result.error().detail();
}

}  // namespace

class SendSignalTest : public QObject {
    Q_OBJECT
private slots:
    void each_word_is_its_signal() {
        for (auto const& [word, signal] : std::map<std::string, int>{{"stop", SIGKILL},
                                                                     {"quit", SIGINT},
                                                                     {"term", SIGTERM},
                                                                     {"reopen", SIGUSR1},
                                                                     {"reload", SIGHUP},
                                                                     {"ldm", SIGUSR2}}) {
            Told told({7});
            QVERIFY(send_signal({word, ""}, "signalboxd", told).ok());
            QCOMPARE(told.sent, (Sent{{7, signal}}));
        }
    }

    void a_target_is_an_id_a_file_or_the_beginning_of_ids() {
        Told told({121, 122, 13});
        QVERIFY(send_signal({"quit", "5"}, "signalboxd", told).ok());
        QVERIFY(send_signal({"quit", "/pid"}, "signalboxd", told).ok());
        QVERIFY(send_signal({"quit", "12*"}, "signalboxd", told).ok());
        QCOMPARE(told.sent, (Sent{{5, SIGINT}, {12, SIGINT}, {121, SIGINT}, {122, SIGINT}}));
        Told all({1, 2});
        QVERIFY(send_signal({"quit", "*"}, "signalboxd", all).ok());
        QCOMPARE(all.sent.size(), std::size_t{2});
    }

    void what_cannot_be_sent_is_told_in_the_references_words() {
        QCOMPARE(failure({}, "quit", ""), std::string("no signalboxd processes running"));
        QCOMPARE(failure({3, 4}, "quit", ""),
                 std::string("multiple signalboxd processes running:\n3\n4"));
        QCOMPARE(failure({3}, "foo", ""), std::string("unknown signal \"foo\""));
        QCOMPARE(failure({3}, "quit", "abc"), std::string("invalid pid: abc"));
        QCOMPARE(failure({3}, "quit", "-1"), std::string("invalid pid: -1"));
        QCOMPARE(failure({3}, "quit", "/newline"), std::string("invalid pid: 12\n"));
        QCOMPARE(failure({3}, "quit", "99"), std::string("\nsignal \"quit\" 99: no such process"));
        QCOMPARE(failure({3}, "quit", "4*"), std::string());
        QCOMPARE(failure({}, "quit", "4*"), std::string("no signalboxd processes running"));
    }

    void a_signal_has_its_name_of_the_log() {
        QCOMPARE(name_of_signal(SIGHUP), std::string_view("hangup"));
        QCOMPARE(name_of_signal(SIGUSR1), std::string_view("user defined signal 1"));
        QCOMPARE(name_of_signal(SIGTERM), std::string_view("terminated"));
        QCOMPARE(name_of_signal(SIGINT), std::string_view("interrupt"));
    }

    void the_service_manager_is_told_over_its_socket() {
        QTemporaryDir dir;
        std::string const path = dir.filePath("notify").toStdString();
        int const fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        QCOMPARE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        ServiceNotify const notify(path);
        notify.ready();
        notify.reloading();
        notify.stopping();
        std::vector<std::string> told;
        std::array<char, 200> part{};
        for (int i = 0; i < 3; ++i) {
            auto const n = ::recv(fd, part.data(), part.size(), MSG_DONTWAIT);
            told.emplace_back(part.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
        }
        ::close(fd);
        QCOMPARE(told[0], std::string("READY=1"));
        QVERIFY(told[1].starts_with("RELOADING=1\nMONOTONIC_USEC="));
        QCOMPARE(told[2], std::string("STOPPING=1"));
        ServiceNotify("").ready();
        ServiceNotify("/nowhere/at/all").ready();
    }
};
SIGNALBOX_TEST(SendSignalTest);

#include "send_signal_test.moc"
