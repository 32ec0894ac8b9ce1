#include "engine/client/workload.h"

#include "engine/sim/sim_server.h"

#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::sim {

using base::seconds;

/// The bundled workload against our server.
class WorkloadTest : public QObject {
    Q_OBJECT

private slots:
    void it_gives_a_window_something_to_show() {
        Universe universe(1);
        RunLog log(universe.simulation());
        universe.exchange().add_machine("server", "10.0.0.1");
        universe.exchange().add_machine("company", "10.0.0.2");
        config::Options options;
        options.listen = {"10.0.0.1", 4222};
        SimServer server(universe, log, "server", options);
        server.start();
        universe.simulation().run_for(seconds(1));
        SimWorld company(universe.simulation(), universe.exchange(), "company");
        client::Workload workload(company, {"server", 4222});

        // One that hears everything tells how many subjects there are.
        std::map<std::string, int> subjects;
        client::ClientOptions listening;
        listening.servers = {{"server", 4222}};
        client::Client listener(company, listening);
        std::size_t with_headers = 0;
        listener
            .subscribe(">", "",
                       [&](client::Incoming const& message) {
                           if (!message.subject.starts_with("_INBOX")) {
                               ++subjects[std::string(message.subject)];
                           }
                           with_headers += message.headers.empty() ? 0 : 1;
                       })
            .value();
        company.run([&] {
            listener.connect();
            workload.start();
        });
        universe.simulation().run_for(seconds(20));

        QCOMPARE(workload.connected_count(), workload.client_count());
        QVERIFY2(subjects.size() >= 190 && subjects.size() <= 250,
                 qPrintable(QString::number(subjects.size())));
        QVERIFY(subjects.contains("metrics.legacy.heartbeat"));
        QVERIFY(with_headers > 500);
        // Between one and three thousand messages a second, replies included.
        std::uint64_t const out = workload.counts().messages_out;
        QVERIFY2(out > 20'000 && out < 60'000, qPrintable(QString::number(out)));
        QVERIFY(workload.counts().messages_in > out / 2);
        QVERIFY(workload.requests_answered() > 1'500);
        QCOMPARE(workload.requests_failed(), std::uint64_t{0});
    }

    void it_comes_back_with_its_server() {
        Universe universe(1);
        RunLog log(universe.simulation());
        universe.exchange().add_machine("server", "10.0.0.1");
        universe.exchange().add_machine("company", "10.0.0.2");
        config::Options options;
        options.listen = {"10.0.0.1", 4222};
        SimServer server(universe, log, "server", options);
        server.start();
        SimWorld company(universe.simulation(), universe.exchange(), "company");
        client::Workload workload(company, {"server", 4222});
        company.run([&] { workload.start(); });
        universe.simulation().run_for(seconds(5));
        server.kill();
        universe.simulation().run_for(seconds(5));
        QCOMPARE(workload.connected_count(), std::size_t{0});
        server.start();
        universe.simulation().run_for(seconds(10));
        QCOMPARE(workload.connected_count(), workload.client_count());
    }
};

SIGNALBOX_TEST(WorkloadTest);

}  // namespace signalbox::sim

#include "workload_test.moc"
