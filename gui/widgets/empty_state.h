#pragma once

#include <QLabel>
#include <QWidget>

class QAction;

namespace signalbox::gui {

/// Stands where a page has nothing to show: what would be here, why it is not, and what changes it.
class EmptyState : public QWidget {
    Q_OBJECT

public:
    EmptyState(QString const& iconName, QString const& title, QString const& text,
               QWidget* parent = nullptr);

    /// A button for an action of the window; the first one is the obvious one.
    void addAction(QAction* action);
    void setTitle(QString const& title);
    void setText(QString const& text);

private:
    QLabel* title_;
    QLabel* text_;
    QWidget* buttons_;
    bool first_ = true;
};

}  // namespace signalbox::gui
