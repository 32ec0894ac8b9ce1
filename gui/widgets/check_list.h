#pragma once

#include "engine/host/remote_check.h"

#include "gui/theme.h"

#include <QTimer>
#include <QWidget>

#include <array>
#include <memory>

class QLabel;

namespace signalbox::gui {

/// The way to a server, step by step: what went well, how long it took, and in plain words what it
/// means when it did not.
class CheckList : public QWidget {
    Q_OBJECT

public:
    explicit CheckList(Theme const& theme, QWidget* parent = nullptr);
    ~CheckList() override;

    /// Begins anew; one under way is given up.
    void run(host::RemoteOptions options);
    void clear();

    void show(host::CheckSteps const& steps);
    bool isRunning() const { return check_ != nullptr; }

signals:
    void finished();

private:
    void poll();
    void letGo();

    struct Row {
        QLabel* mark = nullptr;
        QLabel* name = nullptr;
        QLabel* time = nullptr;
        QLabel* text = nullptr;
    };

    Theme const& theme_;
    std::array<Row, host::kChecks> rows_;
    std::unique_ptr<host::RemoteCheckThread> check_;
    QTimer timer_;
};

}  // namespace signalbox::gui
