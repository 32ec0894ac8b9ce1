#pragma once

#include <QObject>
#include <QString>

namespace signalbox::gui {

/// How one page leads to another, without knowing it: everything shown has an address.
class Navigation : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

signals:
    void pageWanted(QString const& id);
    /// Capture what matches this expression, and look at it.
    void tapWanted(QString const& expression);
    void publishWanted(QString const& subject);
    void subjectWanted(QString const& filter);
    /// Who would receive a message on this subject.
    void explainWanted(QString const& subject);
    /// A line, from 1, of a configuration's file.
    void configurationWanted(QString const& file, int line);
    /// A stream, or a bucket, on one of the pages that show what is in it.
    void streamWanted(QString const& page, QString const& stream);
    /// A short notice in the status bar.
    void said(QString const& text);
};

}  // namespace signalbox::gui
