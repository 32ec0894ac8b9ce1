#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace signalbox::gui {

/// Measures how fluid the window is: how often its thread comes by in a second, sixty at most, and
/// the longest time that it did not.
class FrameMeter : public QObject {
    Q_OBJECT

public:
    explicit FrameMeter(QObject* parent = nullptr);

    /// Stopped while nobody sees the window, to let the processor sleep.
    void setRunning(bool running);

signals:
    /// Once a second.
    void measured(int perSecond, int longestGapMs);

private:
    void tick();

    QTimer timer_;
    QElapsedTimer second_;
    QElapsedTimer last_;
    int ticks_ = 0;
    qint64 longest_ = 0;
};

}  // namespace signalbox::gui
