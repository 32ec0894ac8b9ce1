#pragma once

#include "gui/models/roles.h"
#include "gui/theme.h"

#include <QAbstractButton>

namespace signalbox::gui {

/// One figure on a card, with its trail; a click leads to the page that has more.
class StatCard : public QAbstractButton {
    Q_OBJECT

public:
    StatCard(Theme const& theme, QString const& title, std::size_t seriesColor,
             QWidget* parent = nullptr);

    /// `under` is a line of less weight below the figure.
    void show(QString const& figure, QString const& under, Tone tone = Tone::Plain);
    void setTrail(Trail trail);

    QSize sizeHint() const override { return {188, 96}; }
    QSize minimumSizeHint() const override { return {120, 88}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme const& theme_;
    QString title_;
    QString figure_;
    QString under_;
    Trail trail_;
    std::size_t seriesColor_;
    Tone tone_ = Tone::Plain;
};

}  // namespace signalbox::gui
