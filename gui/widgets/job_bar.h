#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QToolButton;

namespace signalbox::gui {

/// What is under way and takes long, with how far it is and a way to give it up; and how the last
/// thing ended, until something else begins.
class JobBar : public QWidget {
    Q_OBJECT

public:
    explicit JobBar(QWidget* parent = nullptr);

    void begin(QString const& text, bool cancellable);
    /// `total` 0: not known.
    void progress(quint64 done, quint64 total, QString const& text);
    void end(QString const& text, bool good);
    bool isBusy() const { return busy_; }

signals:
    void cancelled();

private:
    void say(QString const& text, char const* role);

    QLabel* text_;
    QProgressBar* bar_;
    QToolButton* cancel_;
    bool busy_ = false;
};

}  // namespace signalbox::gui
